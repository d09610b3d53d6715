//! infra/budgets.toml: what was promised, and below a line what was measured last.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path, time::Duration};

use super::{
    BenchError,
    measure::{Measured, Spread},
    purchase::Purchase,
};
use crate::requests::PicoDollars;

/// What divides what people write from what the bench writes.
const LINE: &str =
    "# ---------------------------------------------------------------------------- measured by scripts/bench";

/// The budgets, in whole numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Budgets {
    start_percent: u128,
    first_answer: Duration,
    zip_bytes: u64,
    memory_kb: u64,
    read_calls: u64,
    write_calls: u64,
    order: PicoDollars,
    exceptions: BTreeMap<String, Exception>,
}

/// What one function may take instead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Exception {
    calls: Option<u64>,
    first_answer: Option<Duration>,
}

impl Exception {
    /// A line such as `auth-sign-in = { calls = 4, first_answer_ms = 60 } # why`. Without a reason it is
    /// none.
    fn parse(line: &str) -> Option<(String, Self)> {
        let (name, rest) = line.split_once(" = { ")?;
        let (values, why) = rest.split_once(" } # ")?;
        let mut exception = Self::default();
        for value in values.split(", ") {
            match value.split_once(" = ")? {
                ("calls", number) => exception.calls = Some(fixed(number, 0)?),
                ("first_answer_ms", number) => {
                    exception.first_answer = Some(Duration::from_micros(fixed(number, 3)?));
                }
                _ => return None,
            }
        }
        (!why.trim().is_empty()).then(|| (name.to_owned(), exception))
    }
}

impl Budgets {
    pub(super) fn read(path: &Path) -> Result<Self, BenchError> {
        Self::parse(&fs::read_to_string(path)?)
    }

    fn parse(text: &str) -> Result<Self, BenchError> {
        let promised = text.split(LINE).next().unwrap_or_default();
        let number = |name: &str, decimals: u32| {
            let value = promised.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_prefix('='));
            let number = value.and_then(|value| fixed(value.trim(), decimals));
            number.ok_or_else(|| BenchError::Budgets(format!("{name} is missing or no number")))
        };
        Ok(Self {
            start_percent: number("times_of_empty_program_max", 2)?.into(),
            first_answer: Duration::from_micros(number("first_answer_ms_max", 3)?),
            zip_bytes: number("zip_bytes_max", 0)?,
            memory_kb: number("used_mb_max", 0)?.saturating_mul(1_024),
            read_calls: number("read_endpoint_calls_max", 0)?,
            write_calls: number("write_endpoint_calls_max", 0)?,
            order: PicoDollars(number("dollars_max", 12)?),
            exceptions: exceptions(promised)?,
        })
    }

    /// A line for each budget that was not kept.
    pub(super) fn missed(&self, measured: &[Measured], purchase: &Purchase) -> Vec<String> {
        let mut missed: Vec<String> = measured.iter().flat_map(|one| self.missed_by(one)).collect();
        if purchase.with_mails() > self.order {
            missed.push(format!("an order costs ${}, at most ${}", purchase.with_mails(), self.order));
        }
        missed
    }

    fn missed_by(&self, one: &Measured) -> Vec<String> {
        let name = &one.function.name;
        let mut missed = Vec::new();
        let percent = one.percent_of_empty();
        if percent > self.start_percent {
            let (times, most) = (hundredths(percent), hundredths(self.start_percent));
            let calls = one.calls_at_start;
            let spent = ms(one.engines_at_start.min);
            let reads = if calls == 0 {
                String::new()
            } else {
                format!("; it asks for its secrets before that (the store itself takes {spent} ms of it)")
            };
            missed.push(format!("{name} starts in {times} x the empty program, at most {most} x{reads}"));
        }
        if one.zip_bytes > self.zip_bytes {
            missed.push(format!("{name} has a zip of {} bytes, at most {}", one.zip_bytes, self.zip_bytes));
        }
        if one.function.memory_mb == 128 && one.memory_kb > self.memory_kb {
            missed.push(format!("{name} uses {} KB, at most {} KB", one.memory_kb, self.memory_kb));
        }
        let Some(answers) = &one.answers else { return missed };
        let exception = self.exceptions.get(name).copied().unwrap_or_default();
        let first_answer = exception.first_answer.unwrap_or(self.first_answer);
        if answers.first_own.p50 > first_answer {
            let (own, most) = (ms(answers.first_own.p50), ms(first_answer));
            let warm = ms(answers.warm_own.p50);
            missed.push(format!(
                "{name} takes {own} ms of its own for the first answer, at most {most} ms; it takes {warm} ms when warm"
            ));
        }
        let most = match (exception.calls, one.method()) {
            (Some(most), _) => most,
            (None, Some("GET")) => self.read_calls,
            (None, Some(_)) => self.write_calls,
            (None, None) => u64::MAX,
        };
        if answers.database.calls > most {
            missed.push(format!("{name} calls the database {} times, at most {most}", answers.database.calls));
        }
        missed
    }
}

fn exceptions(promised: &str) -> Result<BTreeMap<String, Exception>, BenchError> {
    let of_functions = promised.split_once("[exceptions]\n").map_or("", |(_, lines)| lines);
    let lines = of_functions.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| Exception::parse(line).ok_or_else(|| BenchError::Budgets(format!("no exception: {line}"))))
        .collect()
}

/// A decimal number in units of 10^-decimals; `_` may stand between digits.
fn fixed(text: &str, decimals: u32) -> Option<u64> {
    let text = text.replace('_', "");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let width = usize::try_from(decimals).ok()?;
    if fraction.len() > width {
        return None;
    }
    format!("{whole}{fraction:0<width$}").parse().ok()
}

/// `1.48` for 148.
pub(super) fn hundredths(number: u128) -> String {
    format!("{}.{:02}", number.div_euclid(100), number.rem_euclid(100))
}

/// Milliseconds with two decimals, rounded up.
pub(super) fn ms(time: Duration) -> String {
    hundredths(time.as_micros().div_ceil(10))
}

/// Rewrites the part below the line. Functions that were not measured now keep their figures.
pub(super) fn write(path: &Path, said: &str, measured: &[Measured], purchase: &Purchase) -> Result<(), BenchError> {
    let text = fs::read_to_string(path)?;
    let (promised, earlier) = text.split_once(LINE).unwrap_or((&text, ""));
    fs::write(path, format!("{promised}{LINE}\n{}", below(earlier, said, measured, purchase)))?;
    Ok(())
}

fn below(earlier: &str, said: &str, measured: &[Measured], purchase: &Purchase) -> String {
    let mut functions: BTreeMap<String, String> = earlier
        .lines()
        .filter_map(|line| line.split_once(" = {").map(|(name, _)| (name.to_owned(), line.to_owned())))
        .collect();
    for one in measured {
        functions.insert(one.function.name.clone(), line(one, said));
    }
    let mut text = String::from(
        "# Times in milliseconds as [least, middle, 99th of 100], on the machine that `said` names, the engines of the\n\
         # local cloud behind the function and no TLS before them; `own` is what is left without the engines' time.\n\
         # Not measured here: Lambda itself, arm64, TLS.\n\n[functions]\n",
    );
    for line in functions.values() {
        text.push_str(line);
        text.push('\n');
    }
    text.push_str("\n# A guest buys one thing; at list price, the times those of this machine.\n[purchase]\n");
    let prices = [
        ("checkout_to_paid_dollars", purchase.to_paid()),
        ("with_mails_dollars", purchase.with_mails()),
        ("with_what_a_browser_reads_dollars", purchase.whole()),
        ("the_same_if_each_call_took_100_ms_dollars", purchase.whole_at_bound()),
    ];
    for (name, price) in prices {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{name} = {price}");
    }
    text
}

fn line(one: &Measured, said: &str) -> String {
    let all = |spread: Spread| format!("[{}, {}, {}]", ms(spread.min), ms(spread.p50), ms(spread.p99));
    let mut text = format!(
        "{} = {{ times_of_empty_program = {}, start_ms = {}, empty_start_ms = {}, secrets_calls_at_start = {}",
        one.function.name,
        hundredths(one.percent_of_empty()),
        all(one.start),
        all(one.empty),
        one.calls_at_start,
    );
    if let Some(answers) = &one.answers {
        let _ = write!(
            text,
            ", first_answer_ms = {}, first_answer_own_ms = {}, warm_ms = {}, warm_own_ms = {}, warm_calls = {}, \
             database_calls = {}, read_units = {}, write_units = {}",
            all(answers.first),
            all(answers.first_own),
            all(answers.warm),
            all(answers.warm_own),
            answers.warm_count,
            answers.database.calls,
            answers.database.read_units,
            answers.database.write_units,
        );
    }
    let _ = write!(
        text,
        ", memory_kb = {}, binary_bytes = {}, zip_bytes = {}, said = \"{}\" }}",
        one.memory_kb,
        one.binary_bytes,
        one.zip_bytes,
        said.replace(['"', '\\'], ""),
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly() {
        assert_eq!(fixed("1.5", 2), Some(150));
        assert_eq!(fixed("3_000_000", 0), Some(3_000_000));
        assert_eq!(fixed("0.0003", 12), Some(300_000_000));
        assert_eq!(fixed("0.12345", 3), None, "finer than we count");
        assert_eq!(fixed("many", 0), None);
    }

    #[test]
    fn the_file_in_the_repository_has_every_budget() {
        let path = crate::settings::repository().join("infra/budgets.toml");
        let budgets = Budgets::read(&path).unwrap();
        assert_eq!(budgets.start_percent, 150);
        assert_eq!(budgets.order.to_string(), "0.000300000000");
    }

    #[test]
    fn an_exception_needs_a_reason_and_names_what_it_allows() {
        let (name, exception) =
            Exception::parse("auth-sign-in = { calls = 4, first_answer_ms = 60 } # a hash").unwrap();
        assert_eq!((name.as_str(), exception.calls), ("auth-sign-in", Some(4)));
        assert_eq!(exception.first_answer, Some(Duration::from_millis(60)));
        for none in ["a = { calls = 4 }", "a = { calls = 4 } # ", "a = { zip = 4 } # why", "a = { calls = x } # why"] {
            assert_eq!(Exception::parse(none), None, "{none}");
        }
    }

    #[test]
    fn every_exception_is_of_a_function_that_there_is() {
        let path = crate::settings::repository().join("infra/budgets.toml");
        let functions = crate::hosts::functions(&crate::services::all());
        for name in Budgets::read(&path).unwrap().exceptions.keys() {
            assert!(functions.iter().any(|function| function.name == *name), "there is no {name}");
        }
    }

    #[test]
    fn a_budget_that_is_gone_is_named() {
        let error = Budgets::parse("times_of_empty_program_max = 1.5").unwrap_err();
        assert!(error.to_string().contains("first_answer_ms_max"), "{error}");
    }

    #[test]
    fn functions_that_were_not_measured_keep_their_figures() {
        let purchase = Purchase { steps: Vec::new() };
        let text = below("\n[functions]\nauth-sign-in = { memory_kb = 7 }\n", "today", &[], &purchase);
        assert!(text.contains("\nauth-sign-in = { memory_kb = 7 }\n"), "{text}");
    }
}
