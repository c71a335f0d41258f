// What a plan of this driver runs: short programs for the node's sh, which put together what only a start knows (ports,
// environment, who the agent is) and end as the container's runtime. Nothing of the package stands in them; all that comes
// as arguments.
#ifndef TENON_CONTAINER_SCRIPTS_H
#define TENON_CONTAINER_SCRIPTS_H

#include <string>

namespace tenon::container {

// A mount namespace of its own, and where the agent is not root a user namespace. Both end with the last process inside,
// and so does all that is mounted there: what a runtime keeps about a container cannot be in the way of the next start.
inline constexpr char kApart[] = R"(case $(id -u) in
0) exec unshare --mount -- sh -c "$@" ;;
*)
  unshare --user --map-root-user --mount true || {
    echo "container: this node gives namespaces to root alone; allow them (user.max_user_namespaces," \
      "kernel.apparmor_restrict_unprivileged_userns), or run the agent as root" >&2
    exit 125
  }
  exec unshare --user --map-root-user --mount -- sh -c "$@" ;;
esac
)";

// Arguments NAME=VALUE up to "--" are the image's variables. The service's win over them, but for those that mean something
// on the node alone.
inline constexpr char kEnvironment[] = R"(unset PATH HOME TMPDIR LANG SERVICE_HOME OLDPWD SHLVL
while [ "$1" != -- ]; do
  eval "[ -n \"\${${1%%=*}+set}\" ]" || export "$1"
  shift
done
shift
export DATA_DIR=/data MODELS_DIR=/models MODEL_PATH=/models
)";

// Arguments: crun or runc, where it is, rootfs, the config up to its arguments.
//
// The container has to stay in the service's control group, by which it is limited and ended. crun leaves that alone when it
// is told so, but refuses nodes with both kinds of control groups, and so sees none. runc does without those that it may not
// write.
inline constexpr char kBundle[] = R"(set -eu
kind=$1 program=$2 rootfs=$3 config=$4
shift 4
awk=$(command -v awk)
mount -t tmpfs -o mode=755 container "$TMPDIR"
cd "$TMPDIR"
mkdir bundle bundle/rootfs bundle/package bundle/data bundle/models
mount --bind "$rootfs" bundle/package
mount --bind "$DATA_DIR" bundle/data
[ ! -d "$MODELS_DIR" ] || mount --bind "$MODELS_DIR" bundle/models
for each in bundle/package/* bundle/package/.[!.]*; do
  [ ! -L "$each" ] || cp -P "$each" bundle/rootfs/
done
case $kind in
crun)
  options='--cgroup-manager=disabled'
  [ ! -d /sys/fs/cgroup ] || mount -t tmpfs -o ro none /sys/fs/cgroup ;;
runc)
  options='--rootless true'
  while read -r device place type rest; do
    case $type in cgroup*) mount -o remount,bind,ro "$place" ;; esac
  done </proc/self/mounts ;;
esac
)";

// The config's end: the arguments and the environment as JSON.
inline constexpr char kRun[] = R"({
  printf %s "$config"
  "$awk" '
    function quoted(text, out, i, c) {
      out = "\""
      for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == "\"" || c == "\\") c = "\\" c
        else if (c in control) c = control[c]
        out = out c
      }
      return out "\""
    }
    BEGIN {
      for (i = 1; i < 32; i++) control[sprintf("%c", i)] = sprintf("\\u%04x", i)
      printf "\"args\":["
      for (i = 1; i < ARGC; i++) printf "%s%s", (i == 1 ? "" : ","), quoted(ARGV[i])
      printf "],\"env\":["
      for (name in ENVIRON) {
        if (name == "PWD" || name == "_") continue
        printf "%s%s", (n++ ? "," : ""), quoted(name "=" ENVIRON[name])
      }
      printf "]}}"
    }' "$@"
} >bundle/config.json
exec "$program" --root "$PWD/state" $options run --bundle bundle service
)";

inline std::string byOciRuntime() { return std::string(kBundle) + kEnvironment + kRun; }

// Arguments: bwrap's own place; after the variables all that bwrap is given. It hands no signal on, so that is done here:
// --info-fd tells whom to.
inline constexpr char kBubblewrap[] = R"(set -u
program=$1
shift
info=$TMPDIR/container-$SERVICE_PORT
)";
inline constexpr char kForward[] = R"(hand() {
  while read -r key value; do
    [ "$key" != '"child-pid":' ] || kill -s "$1" "${value%,}"
  done <"$info"
}
for signal in TERM INT HUP QUIT USR1 USR2; do trap "hand $signal" "$signal"; done
: >"$info"
"$program" --info-fd 3 "$@" 3>"$info" &
code=0
while :; do
  wait $! && code=0 || code=$?
  kill -s 0 $! 2>/dev/null || exit "$code"
done
)";

inline std::string byBubblewrap() { return std::string(kBubblewrap) + kEnvironment + kForward; }

}  // namespace tenon::container

#endif
