//! The `notifications` service: effects leave the outbox here.

mod attempt;
pub mod deliver_outbox;
mod mail;
pub mod note_mail_event;
mod store_notice;
pub mod sweep_outbox;

use shared::{
    Fault,
    api::{Core, Service, Tools},
    mail::Mail,
};

/// Everything that this service may touch.
#[derive(Debug)]
pub struct NotificationsTools {
    core: Core,
    mail: Mail,
}

impl Tools for NotificationsTools {
    fn start(core: Core) -> Result<Self, Fault> {
        let mail = Mail::new(&core.aws, &core.config);
        Ok(Self { core, mail })
    }

    fn core(&self) -> &Core {
        &self.core
    }
}

/// The service's table of contents.
pub const SERVICE: Service<NotificationsTools> = Service {
    name: "notifications",
    endpoints: &[],
    jobs: &[&deliver_outbox::DeliverOutbox, &sweep_outbox::SweepOutbox, &note_mail_event::NoteMailEvent],
};
