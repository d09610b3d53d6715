//! infra/budgets.toml: what was promised; and infra/measured.toml: what was measured last.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path, time::Duration};

use super::{
    BenchError,
    count::Counted,
    measure::{Consumed, Measured, Spread},
    purchase::Purchase,
};
use crate::{
    hosts::{CalledBy, Function},
    requests::PicoDollars,
};

/// The budgets, in whole numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Budgets {
    start_percent: u128,
    first_answer: Duration,
    zip_bytes: u64,
    memory_kb: u64,
    read_calls: u64,
    write_calls: u64,
    to_paid: PicoDollars,
    whole: PicoDollars,
    exceptions: BTreeMap<String, Exception>,
    /// The lines of what each function consumes, as they are written.
    consumption: BTreeMap<String, String>,
}

/// What one function may take instead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Exception {
    calls: Option<u64>,
    first_answer: Option<Duration>,
    zip_bytes: Option<u64>,
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
                ("zip_bytes", number) => exception.zip_bytes = Some(fixed(number, 0)?),
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

    fn parse(promised: &str) -> Result<Self, BenchError> {
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
            to_paid: PicoDollars(number("to_paid_dollars_max", 12)?),
            whole: PicoDollars(number("whole_dollars_max", 12)?),
            exceptions: lines_of(promised, "exceptions")
                .map(|line| Exception::parse(line).ok_or_else(|| BenchError::Budgets(format!("no exception: {line}"))))
                .collect::<Result<_, _>>()?,
            consumption: lines_of(promised, "consumption")
                .filter_map(|line| Some((line.split_once(" = ")?.0.to_owned(), line.to_owned())))
                .collect(),
        })
    }

    /// A line for each budget that was not kept.
    pub(super) fn missed(&self, measured: &[Measured], purchase: &Purchase) -> Vec<String> {
        let mut missed: Vec<String> = measured.iter().flat_map(|one| self.missed_by(one)).collect();
        missed.extend(self.missed_by_purchase(purchase));
        missed
    }

    /// The same for what is counted and not timed.
    pub(super) fn missed_by_counts(&self, counted: &Counted, purchase: &Purchase) -> Vec<String> {
        let mut missed = self.missed_by_purchase(purchase);
        for (name, (function, consumed)) in counted {
            let said = self.consumption.get(name).map(String::as_str);
            let line = consumption(name, *consumed);
            if said != Some(&line) {
                let said = said.unwrap_or("nothing");
                missed.push(format!("{name}: counted is \"{line}\", and infra/budgets.toml says \"{said}\""));
            }
            missed.extend(consumed.and_then(|consumed| self.missed_by_calls(function, consumed)));
        }
        let gone = self.consumption.keys().filter(|name| !counted.contains_key(*name));
        missed.extend(gone.map(|name| format!("there is no {name} any more, which infra/budgets.toml speaks of")));
        missed
    }

    fn missed_by_purchase(&self, purchase: &Purchase) -> Vec<String> {
        let prices = [
            ("from checkout to paid", purchase.to_paid_at_bound(), self.to_paid),
            ("in all", purchase.whole_at_bound(), self.whole),
        ];
        let over = prices.into_iter().filter(|(_, price, most)| price > most);
        over.map(|(what, price, most)| format!("an order costs ${price} {what}, at most ${most}")).collect()
    }

    fn missed_by_calls(&self, function: &Function, consumed: Consumed) -> Option<String> {
        let exception = self.exceptions.get(&function.name).copied().unwrap_or_default();
        let most = match (exception.calls, function.called_by) {
            (Some(most), _) => most,
            (None, CalledBy::Route { method: "GET", .. }) => self.read_calls,
            (None, CalledBy::Route { .. }) => self.write_calls,
            (None, CalledBy::Trigger(_)) => u64::MAX,
        };
        let name = &function.name;
        (consumed.calls > most).then(|| format!("{name} calls the database {} times, at most {most}", consumed.calls))
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
        let exception = self.exceptions.get(name).copied().unwrap_or_default();
        let zip_bytes = exception.zip_bytes.unwrap_or(self.zip_bytes);
        if one.zip_bytes > zip_bytes {
            missed.push(format!("{name} has a zip of {} bytes, at most {zip_bytes}", one.zip_bytes));
        }
        if one.function.memory_mb == 128 && one.memory_kb > self.memory_kb {
            missed.push(format!("{name} uses {} KB, at most {} KB", one.memory_kb, self.memory_kb));
        }
        let Some(answers) = &one.answers else { return missed };
        let first_answer = exception.first_answer.unwrap_or(self.first_answer);
        if answers.first_own.p50 > first_answer {
            let (own, most) = (ms(answers.first_own.p50), ms(first_answer));
            let warm = ms(answers.warm_own.p50);
            missed.push(format!(
                "{name} takes {own} ms of its own for the first answer, at most {most} ms; it takes {warm} ms when warm"
            ));
        }
        missed.extend(self.missed_by_calls(&one.function, answers.database));
        missed
    }
}

/// The lines of a section, without comments.
fn lines_of<'a>(text: &'a str, section: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let head = format!("[{section}]");
    let lines = text.lines().skip_while(move |line| *line != head).skip(1);
    lines.take_while(|line| !line.starts_with('[')).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// `auth-sign-in = { calls = 4, read_units = 3, write_units = 15 }`
fn consumption(name: &str, consumed: Option<Consumed>) -> String {
    match consumed {
        Some(Consumed { calls, read_units, write_units }) => {
            format!("{name} = {{ calls = {calls}, read_units = {read_units}, write_units = {write_units} }}")
        }
        None => format!("{name} = \"nobody has written an event for it in bench/cases.rs\""),
    }
}

/// Writes what was counted into the file with the budgets, in place of what stands there.
pub(super) fn write_consumption(path: &Path, counted: &Counted) -> Result<(), BenchError> {
    let text = fs::read_to_string(path)?;
    let Some(at) = text.find("[consumption]\n") else {
        return Err(BenchError::Budgets("there is no [consumption]".to_owned()));
    };
    let (above, section) = text.split_at(at);
    let mut written = above.to_owned();
    for line in section.lines().take_while(|line| line.starts_with(['[', '#'])) {
        written.push_str(line);
        written.push('\n');
    }
    for (name, (_, consumed)) in counted {
        written.push_str(&consumption(name, *consumed));
        written.push('\n');
    }
    fs::write(path, written)?;
    Ok(())
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

/// Writes what was measured. Functions that were not measured now keep their figures.
pub(super) fn write(path: &Path, said: &str, measured: &[Measured], purchase: &Purchase) -> Result<(), BenchError> {
    let earlier = fs::read_to_string(path).unwrap_or_default();
    fs::write(path, below(&earlier, said, measured, purchase))?;
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
        "# Generated by scripts/bench --write: what was measured last. The budgets are in budgets.toml.\n\
         # Times in milliseconds as [least, middle, 99th of 100], on the machine that `said` names, the engines of the\n\
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
        assert_eq!(budgets.to_paid.to_string(), "0.000060000000");
        assert!(budgets.consumption.contains_key("auth-sign-in"));
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

    #[tokio::test]
    async fn what_every_function_takes_of_the_database_is_what_was_budgeted() {
        let path = crate::settings::repository().join("infra/budgets.toml");
        let budgets = Budgets::read(&path).unwrap();
        let (counted, purchase) = crate::bench::count::all().await.unwrap();
        let missed = budgets.missed_by_counts(&counted, &purchase);
        assert!(missed.is_empty(), "{}\nOn purpose? scripts/bench --count writes what is counted.", missed.join("\n"));
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
