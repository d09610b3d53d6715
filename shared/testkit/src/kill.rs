//! A function that is killed: its future is dropped at the so-many-th time that it waits.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// Work that dies when it has waited so often. What it has sent by then may well be carried out.
#[derive(Debug)]
pub struct KilledAfter<F> {
    work: Option<Pin<Box<F>>>,
    waits_left: u32,
}

impl<F: Future> KilledAfter<F> {
    /// Work that is killed when it has waited so often and is to wait once more.
    pub fn new(work: F, waits: u32) -> Self {
        Self { work: Some(Box::pin(work)), waits_left: waits }
    }
}

impl<F: Future> Future for KilledAfter<F> {
    /// `None` when it was killed.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let Some(work) = self.work.as_mut() else { return Poll::Ready(None) };
        match work.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.waits_left == 0 => {
                self.work = None;
                Poll::Ready(None)
            }
            Poll::Pending => {
                self.waits_left = self.waits_left.saturating_sub(1);
                Poll::Pending
            }
        }
    }
}
