//! Faults on purpose: a seeded plan of what goes wrong, set at run time and asked by every engine.
//!
//! The same seed and the same sequence of questions give the same sequence of faults. With several
//! callers at once the sequence of questions is theirs, so a run repeats exactly only when its
//! calls come in the same order.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::login::IdTokenFlaw;

/// What can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// DynamoDB and its stream (operation `stream`).
    Database,
    /// S3 and its events (operation `event`).
    Objects,
    /// SES.
    Mail,
    /// The parameter store.
    Secrets,
    /// The payment provider.
    Toss,
    /// Login by Google.
    Google,
    /// Login by Kakao.
    Kakao,
}

/// What goes wrong. A kind that means nothing to an engine is never decided for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Another transaction holds the item (database only): nothing is applied.
    TransactionConflict,
    /// Too many requests: nothing is applied.
    Throttle,
    /// An internal error of the provider, 500: nothing is applied.
    ServerError,
    /// The connection is closed without an answer, and nothing is applied.
    TimeOutBefore,
    /// The call is applied, then the connection is closed without an answer. To the caller this is
    /// what being killed right after the call is to the world.
    TimeOutAfterApply,
    /// An index query is answered as of before the last write (database only).
    StaleIndex,
    /// An event or a notification is delivered twice.
    Duplicate,
    /// Events are delivered in another order than they happened.
    Reorder,
    /// The call is refused by a rule of the provider (mail: `MessageRejected`; Toss: a decline;
    /// logins: an unknown code, token or site).
    Reject,
    /// The call is refused as one that cannot be read (mail only: `BadRequestException`).
    BadRequest,
    /// The call is answered with a page that has nothing to do with it (logins only).
    Garbage,
    /// The token endpoint hands out an ID token that is wrong in this way (logins only).
    IdToken(IdTokenFlaw),
    /// The call is answered so many milliseconds later.
    SlowMs(u32),
}

/// A plan: the seed and the rules, in the order in which they are tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultPlan {
    /// Where the random sequence starts.
    pub seed: u64,
    /// The first rule that matches and fires decides.
    pub rules: Vec<FaultRule>,
}

/// One thing that goes wrong, where and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// The engine that fails.
    pub engine: Engine,
    /// The operation that fails, spelled as the provider spells it (`TransactWriteItems`,
    /// `PutObject`, `SendEmail`); without it, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What happens.
    pub kind: FaultKind,
    /// How many of 1,000 matching calls fail; 1,000 and more is every one.
    pub per_mille: u16,
    /// So many matching calls pass untouched first: with `per_mille` 1,000 and `times` 1 exactly
    /// one call fails, the one after them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub after: u32,
    /// At most so many failures; without it, no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

impl FaultRule {
    /// A rule that always fires, for every operation of `engine`.
    #[must_use]
    pub fn always(engine: Engine, kind: FaultKind) -> Self {
        Self { engine, operation: None, kind, per_mille: 1_000, after: 0, times: None }
    }

    /// The same rule for one operation only.
    #[must_use]
    pub fn on(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// The same rule, firing at most so many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// The same rule, letting so many matching calls pass first.
    #[must_use]
    pub fn after(mut self, calls: u32) -> Self {
        self.after = calls;
        self
    }

    /// The same rule, firing for so many of 1,000 matching calls.
    #[must_use]
    pub fn per_mille(mut self, per_mille: u16) -> Self {
        self.per_mille = per_mille;
        self
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// The plan in force, shared by all engines. Clones share one plan; it starts empty.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    active: Arc<Mutex<Option<Active>>>,
}

#[derive(Debug)]
struct Active {
    plan: FaultPlan,
    random: ChaCha8Rng,
    counts: Vec<Count>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    matched: u32,
    fired: u32,
}

impl Faults {
    /// No faults until a plan is set.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Puts a plan in force in place of the one before; its sequence starts at its seed.
    pub fn set(&self, plan: FaultPlan) {
        let counts = vec![Count::default(); plan.rules.len()];
        let random = ChaCha8Rng::seed_from_u64(plan.seed);
        *self.lock() = Some(Active { plan, random, counts });
    }

    /// From here on nothing fails.
    pub fn clear(&self) {
        *self.lock() = None;
    }

    /// The plan in force.
    #[must_use]
    pub fn plan(&self) -> Option<FaultPlan> {
        self.lock().as_ref().map(|active| active.plan.clone())
    }

    /// What happens to this call, or nothing. Every answer advances the sequence.
    #[must_use]
    pub fn decide(&self, engine: Engine, operation: &str) -> Option<FaultKind> {
        self.decide_where(engine, operation, |_| true)
    }

    /// As [`Faults::decide`], looking only at the rules of a kind that the caller can act upon, so
    /// that a rule about deliveries is not used up by a request.
    pub fn decide_where(
        &self,
        engine: Engine,
        operation: &str,
        possible: impl Fn(FaultKind) -> bool,
    ) -> Option<FaultKind> {
        let mut active = self.lock();
        let Active { plan, random, counts } = active.as_mut()?;
        for (rule, count) in plan.rules.iter().zip(counts) {
            if rule.engine != engine
                || rule.operation.as_deref().is_some_and(|named| named != operation)
                || !possible(rule.kind)
            {
                continue;
            }
            count.matched = count.matched.saturating_add(1);
            if count.matched <= rule.after || rule.times.is_some_and(|times| count.fired >= times) {
                continue;
            }
            if random.random_range(0..1_000_u16) < rule.per_mille {
                count.fired = count.fired.saturating_add(1);
                return Some(rule.kind);
            }
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, Option<Active>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(seed: u64, rules: Vec<FaultRule>) -> Faults {
        let faults = Faults::none();
        faults.set(FaultPlan { seed, rules });
        faults
    }

    fn sequence(seed: u64) -> Vec<Option<FaultKind>> {
        let rules = vec![
            FaultRule::always(Engine::Database, FaultKind::Throttle).per_mille(300),
            FaultRule::always(Engine::Database, FaultKind::TransactionConflict).per_mille(300),
        ];
        let faults = plan(seed, rules);
        (0..200).map(|_| faults.decide(Engine::Database, "PutItem")).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_faults_and_another_seed_others() {
        assert_eq!(sequence(7), sequence(7));
        assert_ne!(sequence(7), sequence(8));
        let fired = sequence(7).iter().flatten().count();
        assert!((60..140).contains(&fired), "about half of 200 calls fail, not {fired}");
    }

    #[test]
    fn a_rule_fails_its_own_engine_and_operation_only() {
        let faults = plan(1, vec![FaultRule::always(Engine::Mail, FaultKind::Throttle).on("SendEmail")]);
        assert_eq!(faults.decide(Engine::Database, "SendEmail"), None);
        assert_eq!(faults.decide(Engine::Mail, "GetAccount"), None);
        assert_eq!(faults.decide(Engine::Mail, "SendEmail"), Some(FaultKind::Throttle));
    }

    #[test]
    fn exactly_the_nth_call_can_be_made_to_fail() {
        let rule = FaultRule::always(Engine::Toss, FaultKind::TimeOutAfterApply).after(2).times(1);
        let faults = plan(1, vec![rule]);
        let failed: Vec<bool> = (0..5).map(|_| faults.decide(Engine::Toss, "confirm").is_some()).collect();
        assert_eq!(failed, [false, false, true, false, false]);
    }

    #[test]
    fn a_kind_that_the_caller_cannot_act_upon_is_not_used_up() {
        let faults = plan(1, vec![FaultRule::always(Engine::Database, FaultKind::Duplicate).times(1)]);
        assert_eq!(faults.decide_where(Engine::Database, "PutItem", |kind| kind == FaultKind::Throttle), None);
        assert_eq!(faults.decide(Engine::Database, "stream"), Some(FaultKind::Duplicate));
    }

    #[test]
    fn clearing_ends_all_faults() {
        let faults = plan(1, vec![FaultRule::always(Engine::Secrets, FaultKind::ServerError)]);
        assert!(faults.decide(Engine::Secrets, "GetParameters").is_some());
        faults.clear();
        assert_eq!(faults.decide(Engine::Secrets, "GetParameters"), None);
    }

    #[test]
    fn a_plan_is_read_from_json_and_unknown_fields_are_refused() {
        let text = r#"{"seed":7,"rules":[
            {"engine":"database","operation":"Query","kind":"stale_index","per_mille":500},
            {"engine":"toss","kind":{"slow_ms":250},"per_mille":1000,"times":3}]}"#;
        let plan: FaultPlan = serde_json::from_str(text).unwrap();
        assert_eq!(plan.rules[1].kind, FaultKind::SlowMs(250));
        assert_eq!(plan.rules[1].times, Some(3));
        assert_eq!(serde_json::from_str::<FaultPlan>(&serde_json::to_string(&plan).unwrap()).unwrap(), plan);
        assert!(serde_json::from_str::<FaultPlan>(r#"{"seed":7,"rules":[],"rate":1}"#).is_err());
        let misspelt = r#"{"seed":7,"rules":[{"engine":"mail","kind":"throttle","per_mille":1,"time":2}]}"#;
        assert!(serde_json::from_str::<FaultPlan>(misspelt).is_err());
    }
}
