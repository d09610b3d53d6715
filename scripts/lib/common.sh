# What every script shares. Source it; it is not a program.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
DRY_RUN="${DRY_RUN:-}"

# Says what happens now, on standard error, so that output stays output.
say() { printf '==> %s\n' "$*" >&2; }

# Ends the script with a reason that says what to do.
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Prints the comment at the head of the script that called it, which is its help.
help_of() { awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$1"; }

# Runs a command, or prints it in a dry run.
run() {
  if [[ -n "$DRY_RUN" ]]; then
    printf '%q ' "$@" | sed 's/ $//'
    printf '\n'
  else
    "$@"
  fi
}

# Fails when a program is missing, and says how to get it.
need() {
  command -v "$1" >/dev/null 2>&1 || die "$1 is not installed. $2"
}

# The names of all functions, one a line, from the generated manifest: no build is needed for it.
function_names() {
  sed -n '/^\[\[bin\]\]/,$ s/^name = "\(.*\)"$/\1/p' "$ROOT/functions/lambdas/Cargo.toml"
}

# Fails unless every argument is a function, and says which names are near.
check_function_names() {
  local name
  for name in "$@"; do
    if ! function_names | grep -qx -- "$name"; then
      printf 'error: there is no function %s. The functions are:\n' "$name" >&2
      function_names | sed 's/^/  /' >&2
      exit 2
    fi
  done
}

# A stack's name is the beginning of its buckets' names, which are lower-case and have an end.
check_stack_name() {
  [[ "$1" =~ ^[a-z][a-z0-9-]{0,29}$ ]] ||
    die "a stack's name is 1 to 30 lower-case letters, digits and hyphens, and begins with a letter: $1"
}
