//! The `media` service: uploads of pictures, and what is made of them.

pub mod create_upload;
pub mod delete_media;
pub mod get_media;
pub mod get_original;
pub mod picture;
pub mod process_upload;
pub mod sweep_grants;

use shared::{
    Fault,
    api::{Core, Service, Tools},
    uploads::Uploads,
};

/// Everything that this service may touch.
#[derive(Debug)]
pub struct MediaTools {
    core: Core,
    uploads: Uploads,
}

impl Tools for MediaTools {
    fn start(core: Core) -> Result<Self, Fault> {
        let uploads = Uploads::new(&core.aws, &core.config);
        Ok(Self { core, uploads })
    }

    fn core(&self) -> &Core {
        &self.core
    }
}

/// The service's table of contents.
pub const SERVICE: Service<MediaTools> = Service {
    name: "media",
    endpoints: &[
        &create_upload::CreateUpload,
        &get_media::GetMedia,
        &get_original::GetOriginal,
        &delete_media::DeleteMedia,
    ],
    jobs: &[&process_upload::ProcessUpload, &sweep_grants::SweepGrants],
};
