#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A real Slurm on this machine, to try job scripts on: munge, slurmctld and several slurmd that each play a node. It needs
# neither root nor systemd nor cgroups, and has its own ports, key and socket, so it does not touch a Slurm that is there.
#   slurm/test-cluster.sh start           nodes n1 to n5 with two cores each; returns when they are idle
#   slurm/test-cluster.sh run COMMAND …   e.g. run sbatch slurm/sweep.sbatch quickstart.ini
#   slurm/test-cluster.sh stop            ends all jobs and the cluster
# Debian packages: slurm-wlm munge. Everything is in $SEQSWEEP_SLURM_DIR (/tmp/seqsweep-slurm-UID); logs are there, too.
# Partition 'low' (the default) gives way to partition 'high': a job there is preempted and queued again.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
dir=${SEQSWEEP_SLURM_DIR:-${TMPDIR:-/tmp}/seqsweep-slurm-$UID}
nodes=5
export SLURM_CONF=$dir/slurm.conf # also what tells our processes from others

say() { echo "test-cluster: $*" >&2; }

# Exits with 77 (a skipped test) where Slurm is not installed.
check_packages() {
  local program
  for program in munged slurmctld slurmd sbatch; do
    command -v "$program" >/dev/null && continue
    say "$program is missing; apt-get install --no-install-recommends slurm-wlm munge"
    exit 77
  done
}

# first_port: the first of nodes + 1 neighbouring ports that nobody listens on.
first_port() {
  local base port
  for ((base = 20000 + RANDOM % 10000; ; base += nodes + 1)); do
    for ((port = base; port <= base + nodes; port++)); do
      (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && continue 2
    done
    echo "$base"
    return
  done
}

write_config() {
  local port user
  port=$(first_port)
  user=$(id -un)
  cat >"$SLURM_CONF" <<END
ClusterName=seqsweep-test
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=$port
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
CredType=cred/munge
# Credentials that expire soon: a job that is queued again waits for that, two minutes by default.
AuthInfo=socket=$dir/munge.socket,cred_expire=5
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool.%n
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.%n.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.%n.log
TmpFS=$dir/tmp.%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmdParameters=config_overrides
EnforcePartLimits=ALL
ReturnToService=2
SlurmdTimeout=20
KillWait=10
NodeName=n[1-$nodes] NodeHostname=$(hostname) NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + nodes))] CPUs=2 RealMemory=4000
PartitionName=low Nodes=ALL Default=YES PriorityTier=1 MaxTime=1-0
PartitionName=high Nodes=ALL PriorityTier=2 MaxTime=1-0
END
}

# launch NAME COMMAND …: a daemon in a session of its own; its pid goes to NAME.pid, what it says to NAME.out.
launch() {
  local name=$1
  shift
  setsid "$@" </dev/null >"$dir/$name.out" 2>&1 &
  echo $! >"$dir/pid.$name"
}

# until_true SECONDS COMMAND …: waits for it to succeed.
until_true() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

are_idle() { [[ $(sinfo -h -p low -t idle -o %D) == "$nodes" ]]; }
has_ended() { [[ -z $(our_processes) ]]; }
has_no_jobs() { [[ -z $(squeue -h) ]]; }

# Every process of the cluster, its jobs and their steps among them: they have SLURM_CONF from here.
our_processes() {
  local process
  for process in $(cd /proc && echo [0-9]*); do
    [[ $process == "$$" || $process == "$BASHPID" ]] && continue
    if grep -qzxF "SLURM_CONF=$SLURM_CONF" "/proc/$process/environ" 2>/dev/null; then echo "$process"; fi
  done
}

start() {
  check_packages
  if [[ -e $SLURM_CONF ]]; then
    say "there is one in $dir already; stop it first"
    exit 1
  fi
  local n
  rm -rf "$dir"/{state,spool.*,tmp.*,*.log,*.out} # of an earlier cluster
  mkdir -p "$dir/state"
  for ((n = 1; n <= nodes; n++)); do mkdir -p "$dir/spool.n$n" "$dir/tmp.n$n"; done
  write_config
  (umask 077 && head -c 1024 /dev/urandom >"$dir/munge.key")
  launch munged munged --foreground --force --key-file="$dir/munge.key" --socket="$dir/munge.socket" \
    --pid-file="$dir/munged.pid" --seed-file="$dir/munged.seed" --log-file="$dir/munged.log"
  until_true 10 munge -S "$dir/munge.socket" -n || give_up "munged does not answer"
  launch slurmctld slurmctld -D -i
  for ((n = 1; n <= nodes; n++)); do launch "slurmd.n$n" slurmd -D -N "n$n"; done
  until_true 30 are_idle || give_up "the nodes do not become idle"
}

give_up() {
  say "$1; the ends of the logs in $dir:"
  tail -n 5 "$dir"/*.out "$dir"/*.log >&2
  stop
  exit 1
}

stop() {
  [[ -e $SLURM_CONF ]] || return 0
  if kill -0 "$(<"$dir/pid.slurmctld")" 2>/dev/null; then
    scancel --user="$(id -un)" || true
    until_true 15 has_no_jobs || say "some jobs do not end: they are killed"
  fi
  local name left
  for name in "$dir"/pid.*; do kill "$(<"$name")" 2>/dev/null || true; done
  until_true 10 has_ended || for left in $(our_processes); do kill -KILL "$left" 2>/dev/null || true; done
  rm -f "$SLURM_CONF" "$dir"/pid.*
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  run)
    shift
    exec "$@"
    ;;
  *)
    sed -n '3,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
