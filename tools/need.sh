# Sourced by manzil and test: finds what must be on the machine, or says in one sentence what is missing and how to get it.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en DOTNET_SKIP_WORKLOAD_INTEGRITY_CHECK=1
export TESTINGPLATFORM_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true
# No build server may outlive the command that started it: one that does keeps a pipe open and a caller waiting.
export DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false

missing() {
  echo "$1" >&2
  exit 2
}

find_dotnet() {
  if command -v dotnet >/dev/null; then
    dotnet=$(command -v dotnet)
  elif [ -x "${HOME:-/root}/.dotnet/dotnet" ]; then
    dotnet=${HOME:-/root}/.dotnet/dotnet
    export DOTNET_ROOT="${HOME:-/root}/.dotnet" PATH="${HOME:-/root}/.dotnet:$PATH"
  else
    missing "Manzil needs the .NET 10 SDK, and there is no dotnet here: see https://dotnet.microsoft.com/download/dotnet/10.0 (its dotnet-install.sh puts one in ~/.dotnet, without root)."
  fi
}

need_sdk() {
  find_dotnet
  # Outside the tree, where no global.json can make dotnet refuse to answer.
  case $(cd / && "$dotnet" --list-sdks) in
    10.* | *$'\n'10.*) ;;
    *) missing "Manzil needs the .NET 10 SDK, and $dotnet has none: see https://dotnet.microsoft.com/download/dotnet/10.0 (its dotnet-install.sh puts one in ~/.dotnet, without root)." ;;
  esac
}

need_node() {
  command -v node >/dev/null && command -v npm >/dev/null ||
    missing "Manzil needs Node 20 or later with npm to build its pages' style and scripts: see https://nodejs.org/en/download."
  local major
  major=$(node --version)
  major=${major#v}
  [ "${major%%.*}" -ge 20 ] ||
    missing "Manzil needs Node 20 or later to build, and $(command -v node) is $(node --version): see https://nodejs.org/en/download."
}
