//! Every service, side by side. The only list of them: the local cloud, the generator and the
//! sweeps all walk through it.

use shared::api::host::AnyService;

/// Every service, in alphabetical order.
#[must_use]
pub fn all() -> Vec<&'static dyn AnyService> {
    vec![
        &auth::SERVICE,
        &catalog::SERVICE,
        &checkout::SERVICE,
        &media::SERVICE,
        &notifications::SERVICE,
        &ops::SERVICE,
        &orders::SERVICE,
        &users::SERVICE,
    ]
}
