//! The `media` service: uploads of pictures, and what is made of them.

pub mod create_upload;
pub mod get_media;
pub mod picture;
pub mod process_upload;

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
    endpoints: &[&create_upload::CreateUpload, &get_media::GetMedia],
    jobs: &[&process_upload::ProcessUpload],
};
