//! The jobs of `notifications` against the real engines.

#[cfg(test)]
mod deliver_outbox;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod note_mail_event;
#[cfg(test)]
mod order_notices;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod sweep_outbox;
