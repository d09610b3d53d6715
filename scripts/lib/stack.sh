# What scripts/deploy asks about a stack before it touches it. Source it; it is not a program. It goes
# by the stack's name in $stack and by the option with its region, if there is one, in the list $region.

# Asks AWS whether there is something; $answer is what AWS says of it. No, where AWS says so in the
# words given first. Any other refusal ends the script: what cannot be seen just now must not be taken
# for something that is not there.
is_there() {
  local absent="$1" refusal words
  shift
  refusal="$(mktemp)"
  if answer="$("$@" 2>"$refusal")"; then
    rm -f "$refusal"
    return 0
  fi
  words="$(cat "$refusal")"
  rm -f "$refusal"
  grep -qE -- "$absent" <<<"$words" || die "AWS does not say whether there is such a thing ($*): $words"
  return 1
}

# Puts the stack's status into $status; nothing when there is no such stack.
ask_status() {
  status=""
  if is_there "does not exist" aws cloudformation describe-stacks ${region[@]+"${region[@]}"} \
    --stack-name "$stack" --query "Stacks[0].StackStatus" --output text; then
    status="$answer"
  fi
  # Planned once and never made: CloudFormation and SAM take this for a stack that is yet to be made.
  [[ "$status" != "REVIEW_IN_PROGRESS" ]] || status=""
}

# One value of the stack, which must be there; nothing when it has none.
of_stack() {
  local value
  value="$(aws cloudformation describe-stacks ${region[@]+"${region[@]}"} --stack-name "$stack" \
    --query "Stacks[0].$1 | [0]" --output text)" || die "AWS does not say what is asked of the stack $stack; run this again"
  [[ "$value" != "None" ]] || value=""
  printf '%s' "$value"
}

# Ends the script when a stack of this status cannot be deployed, and says the way out.
check_status() {
  local in_region="${region[*]+${region[*]} }"
  local this="$in_region--stack-name $stack"
  local why="  aws cloudformation describe-stack-events $this   # says what went wrong"
  case "$1" in
    ROLLBACK_COMPLETE | ROLLBACK_FAILED | CREATE_FAILED | DELETE_FAILED)
      die "the stack $stack is $1: it was never whole, or is no longer, and can only be deleted.
$why
  aws cloudformation delete-stack $this
  aws cloudformation wait stack-delete-complete $this
A table that refuses to be deleted is let go by
  aws dynamodb update-table $in_region--no-deletion-protection-enabled --table-name ITS-NAME
and a bucket has to be emptied first. Then run this again." ;;
    UPDATE_ROLLBACK_FAILED)
      die "the stack $stack is $1: its last update failed and could not be taken back. Mend what the second line tells of, and run this again.
$why
  aws cloudformation continue-update-rollback $this" ;;
    UPDATE_FAILED)
      die "the stack $stack is $1 and takes no deployment. Take back what failed, and run this again.
$why
  aws cloudformation rollback-stack $this" ;;
    *_FAILED)
      die "the stack $stack is $1 and takes no deployment. Look at it in the CloudFormation console.
$why" ;;
    *_IN_PROGRESS)
      die "the stack $stack is $1: something changes it just now. Run this again when that is done." ;;
  esac
}

# Ends the script when what a new stack makes under a name of its own is there already: a stack that was
# deleted leaves it behind, and one in another region has it too. CloudFormation would find out only
# half-way. The argument is the identity that the stack makes in SES; nothing when it makes none.
check_names() {
  local account kind buckets=""
  account="$(aws sts get-caller-identity --query Account --output text)" || die "AWS does not say whose account this is"
  for kind in uploads pictures frontend; do
    if is_there "\(404\)" aws s3api head-bucket ${region[@]+"${region[@]}"} --bucket "$stack-$kind-$account"; then
      buckets+=" $stack-$kind-$account"
    fi
  done
  [[ -z "$buckets" ]] || die "there is no stack $stack here, but there is already:$buckets. A stack $stack in another region has them, or one that was deleted left them behind with what is in them. Choose another name with --stack; or, when nobody needs what is in them, remove them with  aws s3 rb --force s3://NAME ; or import them (CloudFormation User Guide, \"Import AWS resources into a CloudFormation stack\")."
  if [[ -n "$1" ]] && is_there "NotFoundException" aws sesv2 get-email-identity ${region[@]+"${region[@]}"} --email-identity "$1"; then
    die "this account has $1 in SES already, and the stack cannot make it a second time: add --parameter CreateMailIdentity=false"
  fi
}
