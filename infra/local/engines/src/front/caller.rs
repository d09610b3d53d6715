//! Who calls: the access key of Signature Version 4, from the header or from a presigned address.

use http::{HeaderMap, Uri, header};

/// The key and the region of a signature's credential scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) access_key: Option<String>,
    pub(super) region: String,
    /// Whether the signature is right; known when the body has been read.
    pub(super) is_signed: bool,
}

/// Reads the credential `KEY/20261121/REGION/SERVICE/aws4_request`.
pub(super) fn of(headers: &HeaderMap, uri: &Uri) -> Caller {
    let from_header = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(['=', ' ', ',']).skip_while(|word| *word != "Credential").nth(1))
        .map(|scope| scope.replace("%2F", "/"));
    let from_query = || {
        uri.query()?
            .split('&')
            .find_map(|pair| pair.strip_prefix("X-Amz-Credential="))
            .map(|scope| scope.replace("%2F", "/").replace("%2f", "/"))
    };
    let scope = from_header.or_else(from_query).unwrap_or_default();
    let mut parts = scope.split('/');
    let access_key = parts.next().filter(|key| !key.is_empty()).map(str::to_owned);
    let region = parts.nth(1).unwrap_or("ap-northeast-2").to_owned();
    Caller { access_key, region, is_signed: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(access_key: &str, region: &str) -> Caller {
        Caller { access_key: Some(access_key.to_owned()), region: region.to_owned(), is_signed: false }
    }

    #[test]
    fn the_caller_is_the_access_key_of_the_signature() {
        let mut headers = HeaderMap::new();
        let signature = "AWS4-HMAC-SHA256 Credential=auth-sign-in/20261121/eu-west-1/dynamodb/aws4_request, \
                         SignedHeaders=host;x-amz-date, Signature=00";
        headers.insert(header::AUTHORIZATION, signature.parse().unwrap());
        assert_eq!(of(&headers, &Uri::from_static("/")), caller("auth-sign-in", "eu-west-1"));
    }

    #[test]
    fn a_presigned_address_names_its_signer() {
        let uri = Uri::from_static(
            "/b/k?x-id=PutObject&X-Amz-Credential=media-grant%2F20261121%2Fus-east-1%2Fs3%2Faws4_request",
        );
        assert_eq!(of(&HeaderMap::new(), &uri), caller("media-grant", "us-east-1"));
    }

    #[test]
    fn without_a_signature_nobody_calls() {
        assert_eq!(of(&HeaderMap::new(), &Uri::from_static("/b/k")).access_key, None);
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, "Bearer abc".parse().unwrap());
        assert_eq!(of(&headers, &Uri::from_static("/")).access_key, None);
    }
}
