//! Files: the storefront as S3 behind CloudFront serves it, pictures from their bucket, and the
//! pages of the local cloud.

use std::path::{Path, PathBuf};

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};

use crate::{gateway::percent_decoded, world::World};

/// What a path is looked up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folder {
    /// The built storefront.
    Storefront,
    /// The bucket of pictures.
    Pictures,
    /// The pages of the local cloud, below `/_local/`.
    LocalPages,
    /// The documents of the API, below `/docs`.
    Documents,
}

/// The folder of the built storefront in which every name holds a hash of the content.
const ASSETS: &str = "assets";

/// What a developer reads who started the program without its script.
const NOT_BUILT: &str =
    "The storefront is not built. scripts/lib/build-frontend builds it, and scripts/dev does so by itself.";

/// Answers with the file at a path.
pub(super) async fn serve(world: &World, folder: Folder, path: &str) -> Response<Body> {
    let found = match parts_of(path) {
        Some(parts) => place(world, folder, &parts),
        None => None,
    };
    if let Some(file) = found
        && let Ok(bytes) = tokio::fs::read(&file).await
    {
        return answer(StatusCode::OK, &file, bytes, folder);
    }
    let page = world.site.join("404.html");
    match tokio::fs::read(&page).await {
        Ok(bytes) => answer(StatusCode::NOT_FOUND, &page, bytes, Folder::Storefront),
        Err(_) => {
            let text = if folder == Folder::Storefront { NOT_BUILT } else { "Not found" };
            let mut response = Response::new(Body::from(text));
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    }
}

/// The parts of a path, decoded; nothing when one of them could lead out of the folder.
fn parts_of(path: &str) -> Option<Vec<String>> {
    let parts: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(percent_decoded).collect();
    let is_harmless = |part: &String| {
        !part.starts_with('.') && !part.contains(['/', '\\', '\0']) && !part.chars().any(char::is_control)
    };
    parts.iter().all(is_harmless).then_some(parts)
}

fn place(world: &World, folder: Folder, parts: &[String]) -> Option<PathBuf> {
    let below = |root: PathBuf, parts: &[String]| parts.iter().fold(root, |path, part| path.join(part));
    let pages = || world.repository.join("infra/local/pages");
    match folder {
        Folder::Storefront => match parts.first() {
            None => Some(world.site.join("index.html")),
            Some(_) => Some(page_of(below(world.site.clone(), parts))),
        },
        Folder::Pictures => {
            let bucket = world.engines.objects().folder().join(world.environment.places().pictures_bucket);
            Some(below(bucket, parts))
        }
        Folder::LocalPages => match parts.get(1..) {
            None | Some([]) => Some(pages().join("index.html")),
            Some(rest) => Some(below(pages(), rest)),
        },
        Folder::Documents => match parts.get(1).map(String::as_str) {
            None => Some(pages().join("docs.html")),
            Some("errors") => Some(pages().join("errors.html")),
            Some("openapi.json") => Some(world.repository.join("infra/api/openapi.json")),
            Some(_) => None,
        },
    }
}

/// `/sell` is `/sell.html`, as the little program in CloudFront has it.
fn page_of(path: PathBuf) -> PathBuf {
    let page = path.with_extension("html");
    if path.extension().is_none() && page.is_file() { page } else { path }
}

fn answer(status: StatusCode, file: &Path, bytes: Vec<u8>, folder: Folder) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(file)));
    let is_hashed = folder == Folder::Storefront
        && status == StatusCode::OK
        && file.parent().and_then(Path::file_name).is_some_and(|name| name == ASSETS);
    if folder == Folder::Pictures || is_hashed {
        // As in production: such an address never holds another file.
        let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
        headers.insert(header::CACHE_CONTROL, forever);
    }
    response
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "xml" => "application/xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leads_out_of_its_folder() {
        for path in ["/../Cargo.toml", "/a/%2e%2e/b", "/a/..%2fb", "/%5c..", "/.git/config", "/a%00b", "/a%2fb"] {
            assert_eq!(parts_of(path), None, "{path}");
        }
        assert_eq!(parts_of("/a//b/c.js").unwrap(), ["a", "b", "c.js"]);
        assert!(parts_of("/").unwrap().is_empty());
    }
}
