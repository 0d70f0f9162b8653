#!/usr/bin/env bash
# The gate as a step of a workflow: annotations on standard output, the findings in
# Markdown for the summary and a comment, the verdict as output and exit status.
# Reads INPUT_DIR, INPUT_AGAINST, INPUT_LEVEL, INPUT_FAIL_ON and GITHUB_*.
set -uo pipefail

readonly NOTHING=0000000000000000000000000000000000000000

find_base_of_pull_request() {
  local ref="refs/remotes/origin/$GITHUB_BASE_REF"
  git rev-parse --quiet --verify "$ref^{commit}" >/dev/null ||
    git fetch --quiet --no-tags --depth=1 origin "+refs/heads/$GITHUB_BASE_REF:$ref" >&2 || true
  echo "git:origin/$GITHUB_BASE_REF"
}

find_commit_before_push() {
  local before
  before=$(python -c 'import json, sys; print(json.load(open(sys.argv[1])).get("before", ""))' \
    "${GITHUB_EVENT_PATH:-/dev/null}" 2>/dev/null)
  [ -n "$before" ] && [ "$before" != "$NOTHING" ] || return 0
  git cat-file -e "$before^{commit}" 2>/dev/null ||
    git fetch --quiet --no-tags --depth=1 origin "$before" >&2 || true
  echo "git:$before"
}

find_baselines() {
  if [ -n "${INPUT_AGAINST:-}" ]; then
    echo "$INPUT_AGAINST"
  elif [ -n "${GITHUB_BASE_REF:-}" ]; then
    find_base_of_pull_request
  else
    find_commit_before_push
  fi
}

arguments=(--dir "${INPUT_DIR:-schemas}" --fail-on "${INPUT_FAIL_ON:-error}")
[ -z "${INPUT_LEVEL:-}" ] || arguments+=(--level "$INPUT_LEVEL")
while IFS= read -r baseline; do
  [ -z "$baseline" ] || arguments+=(--against "$baseline")
done < <(find_baselines)

contracts check "${arguments[@]}" --format github
status=$?

case $status in
  0) verdict=accepted ;;
  1) verdict=refused ;;
  *) verdict=undecided ;;
esac
report="${RUNNER_TEMP:-${TMPDIR:-/tmp}}/contracts-report.md"
if ! contracts check "${arguments[@]}" --format markdown >"$report" 2>"$report.err"; then
  [ -s "$report" ] || cat "$report.err" >"$report"
fi
rm -f "$report.err"
cat "$report" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
{
  echo "verdict=$verdict"
  echo "report=$report"
} >>"${GITHUB_OUTPUT:-/dev/null}"
exit "$status"
