//! `local`: the local cloud and the generator as a program. See `scripts/dev --help`.

fn main() {}
