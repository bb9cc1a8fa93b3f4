#!/usr/bin/env bash
# What a machine with a GPU can tell, in one command and one JSON: checks, Atelier beside its peers, tuning.
#
#   Benchmarks/gpu.sh [run] [FOLDER]     builds here, unless it was unpacked, and runs; default: gpu-results
#   Benchmarks/gpu.sh pack [FILE]        builds and packs all that run needs, below 64 MiB; default: atelier-gpu.tar.gz
#
# On the other machine:  tar -xzf atelier-gpu.tar.gz && atelier-gpu/Benchmarks/gpu.sh
#
# It goes as far as its minutes reach, what matters most first, and ends before they are over; building does not count. Run again on
# the same FOLDER, it does what is left. FOLDER/gpu.json has device, driver, date, and every step so far with its outcome and table,
# and is written after each. A step that fails, that its limit stops, or for which no time is left says so there, a stopped
# benchmark with the rows that it has ("isComplete": false), and the others go on. What it takes from the environment: PYTHON
# (with PyTorch; default python3), DEVICE (gpu or opencl:N; default: the first usable GPU, else opencl:0), MINUTES (a whole number;
# default 10), STEPS (a pattern of names; default: all). Exit status 0 when every step is done, else 1; 64 usage; 69 the program
# does not start.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root
PATH=$PATH:/usr/sbin:/sbin # ldconfig

usage() {
  if [[ $# -gt 0 ]]; then say "gpu.sh: $*"; fi
  sed -n '4,5s/^# *//p' "${BASH_SOURCE[0]}" >&2
  exit 64
}

say() { printf '%s\n' "$*" >&2; }

# MARK: Packing

# Pictures' libraries go into lib, where the program looks first; those of OpenCL into spare, for machines without; C++'s into
# runtime, for machines where the program does not start with their own.
readonly picture_libraries='libpng16\.so|libturbojpeg\.so|libz\.so|libfreetype\.so|libbrotli(dec|common)\.so|libbz2\.so'
readonly runtime_libraries='libstdc\+\+\.so|libgcc_s\.so'
readonly spare_libraries=(libOpenCL.so.1 libclblast.so.1)

# What the linker's cache holds, asked once: a reader that leaves early would end its writer.
libraries=$(ldconfig -p 2>/dev/null || true)
readonly libraries

# Where the linker finds a library, or nothing.
library() { awk -v name="$1" '$1 == name && !found { print $NF; found = 1 }' <<<"$libraries"; }

# copy_linked PATTERN PROGRAM FOLDER: what the program links of these names.
copy_linked() {
  local file
  mkdir -p "$3"
  ldd "$2" | awk -v wanted="$1" '$1 ~ wanted { print $3 }' |
    while read -r file; do cp -L "$file" "$3/$(basename "$file")"; done
}

# The newest glibc that files ask for.
needed_glibc() { readelf -V "$@" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -n 1 | tr _ ' '; }

build_static() {
  local settings=(-c release --product atelier --static-swift-stdlib --scratch-path .build/packed)
  swift build "${settings[@]}" -Xlinker -rpath -Xlinker "\$ORIGIN/lib" >&2
  swift build "${settings[@]}" --show-bin-path
}

pack() {
  local file built place name found
  file=$(realpath -m "${1:-atelier-gpu.tar.gz}")
  cd "$root"
  built=$(build_static)
  place=$(mktemp -d)/atelier-gpu
  mkdir -p "$place/spare" "$place/Benchmarks/peers"
  strip -o "$place/atelier" "$built/atelier"
  copy_linked "$picture_libraries" "$built/atelier" "$place/lib"
  copy_linked "$runtime_libraries" "$built/atelier" "$place/runtime"
  needed_glibc "$place/atelier" "$place"/lib/* >"$place/needs"
  for name in "${spare_libraries[@]}"; do
    found=$(library "$name")
    if [[ -n $found ]]; then cp -L "$found" "$place/spare/"; fi
  done
  cp Benchmarks/gpu.sh "$place/Benchmarks/"
  cp Benchmarks/peers/*.py "$place/Benchmarks/peers/"
  tar -C "$(dirname "$place")" -czf "$file" atelier-gpu
  rm -r "$(dirname "$place")"
  say "$file: $(($(stat -c %s "$file") >> 10)) KiB"
  (($(stat -c %s "$file") < 64 << 20))
}

# MARK: The machine

# look_in FOLDER: for libraries, after those where they were looked for already.
look_in() { export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$1; }

# Whether the program starts, with the C++ library that it came with where that helps.
check_program() {
  local words needed
  if words=$("$atelier" --version 2>&1); then return; fi
  if [[ -d $root/runtime ]]; then
    # First, since the one that does not do may lie in any place.
    export LD_LIBRARY_PATH=$root/runtime${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    if words=$("$atelier" --version 2>&1); then return; fi
  fi
  needed=$(cat "$root/needs" 2>/dev/null || needed_glibc "$atelier" || true)
  say "gpu.sh: the program does not start: it needs ${needed:-glibc} or later, here is $(getconf GNU_LIBC_VERSION); $words"
  exit 69
}

# Makes OpenCL findable: the loader, NVIDIA's driver where it lies outside the linker's cache, and a vendor's file for it, which
# some images come without.
find_opencl() {
  if [[ -z $(library libOpenCL.so.1) && -d $root/spare ]]; then
    look_in "$root/spare"
  elif [[ -z $(library libclblast.so.1) && -e $root/spare/libclblast.so.1 ]]; then
    # By itself, so that the system's loader stays the one that is used.
    mkdir -p "$out/clblast"
    ln -sf "$root/spare/libclblast.so.1" "$out/clblast/"
    look_in "$out/clblast"
  fi
  local driver
  driver=$(library libnvidia-opencl.so.1)
  if [[ -z $driver ]]; then
    driver=$(timeout 10 find /usr/local/nvidia /usr/lib /usr/lib64 /opt -name libnvidia-opencl.so.1 -print -quit 2>/dev/null || true)
    if [[ -n $driver ]]; then look_in "$(dirname "$driver")"; fi
  fi
  if [[ -n $driver && -z ${OCL_ICD_VENDORS:-} ]] && ! grep -qs nvidia /etc/OpenCL/vendors/*.icd; then
    mkdir -p "$out/vendors"
    cp /etc/OpenCL/vendors/*.icd "$out/vendors/" 2>/dev/null || true
    printf '%s\n' "$driver" >"$out/vendors/nvidia.icd"
    export OCL_ICD_VENDORS=$out/vendors
  fi
}

# What was found, as an object.
describe_machine() {
  local processor card icds
  processor=$(awk -F ': ' '/^model name/ && !found { print $2; found = 1 }' /proc/cpuinfo)
  card=$(nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv,noheader 2>/dev/null || true)
  icds=$(cat "${OCL_ICD_VENDORS:-/etc/OpenCL/vendors}"/*.icd 2>/dev/null || true)
  printf '{"system": %s, "processor": %s, "cores": %d, "nvidiaCard": %s, "openCLLoader": %s, "openCLDrivers": %s, "driversFrom": %s}\n' \
    "$(uname -sr | quoted)" "$(quoted <<<"$processor")" "$(nproc)" "$(quoted <<<"$card")" \
    "$(quoted <<<"$loader")" "$(quoted <<<"$icds")" \
    "$(quoted <<<"${OCL_ICD_VENDORS:-/etc/OpenCL/vendors}")"
}

# The text on stdin as a string of JSON.
quoted() {
  tr -d '\000-\010\013-\037' | tr '\t' ' ' | sed 's/\\/\\\\/g; s/"/\\"/g' |
    awk 'BEGIN { printf "\"" } { printf "%s%s", newline, $0; newline = "\\n" } END { printf "\"" }'
}

# MARK: Steps

# A benchmark; where others keep the machine busy, or nobody knows whether they do, this one and all later ones are marked
# provisional.
bench() {
  local status=75
  if [[ ! -e $out/provisional ]]; then
    status=0
    "$atelier" bench "$@" --json || status=$?
  fi
  ((status == 75)) || return "$status"
  touch "$out/provisional"
  "$atelier" bench "$@" --json --provisional
}

# step NAME SECONDS COMMAND...: what it prints is an object, kept as NAME.json, its words as NAME.log, and how it went as NAME.outcome;
# steps has the names, in order.
step() {
  local name=$1 limit=$2 began=$SECONDS status=0 outcome="done" left=$((deadline - SECONDS))
  shift 2
  # shellcheck disable=SC2053 # a pattern is wanted
  [[ $name == ${STEPS:-*} ]] || return 0
  names+=("$name")
  grep -qsx -e "$name" "$out/steps" || printf '%s\n' "$name" >>"$out/steps"
  if [[ $(cat "$out/$name.outcome" 2>/dev/null) == "done" ]]; then
    say "$name: done before"
    return
  fi
  if ((left < limit)); then limit=$left; fi
  if ((limit < 5)); then
    rm -f "$out/$name.json" "$out/$name.log"
    outcome='not run: no time was left'
  else
    timeout --signal=INT --kill-after=10 "$limit" bash -c '"$@"' _ "$@" >"$out/$name.json" 2>"$out/$name.log" </dev/null ||
      status=$?
    case $status in
      0) ;;
      124 | 137) outcome="stopped after $limit s" ;; # what it had by then is its table
      *) outcome="failed with status $status" ;;
    esac
  fi
  printf '%s\n' "$((SECONDS - began))" >"$out/$name.seconds"
  printf '%s\n' "$outcome" >"$out/$name.outcome"
  say "$name: $outcome, $((SECONDS - began)) s$([[ $outcome == "done" ]] || printf '; %s' "$(tail -n 1 "$out/$name.log" 2>/dev/null)")"
  write_result
}

# Ours beside whoever is there; a peer that is missing is named in the step's table.
kernels() {
  local name=$1 limit=$2 rows=$3
  step "kernels-$name" "$limit" bench kernels --device "$DEVICE" --rows "$rows" --against clblast,pytorch --rounds 5
}

training() {
  local name=$1 limit=$2 model=$3 precision=${4:-float32}
  step "training-$name" "$limit" bench training --device "$DEVICE" --model "$model" --precision "$precision" \
    --against pytorch --eager --rounds 5 --seconds 0.3
}

# tune NAME LIMIT ARGUMENTS...
tune() {
  local name=$1 limit=$2
  shift 2
  step "$name" "$limit" "$atelier" tune --device "$DEVICE" --json "$@"
}

# What matters most first: together they may take longer than ten minutes.
steps() {
  local precision precisions model
  step machine 20 describe_machine
  step devices 60 "$atelier" devices --json
  step matrix-units 40 "$python" Benchmarks/peers/matrix_units.py
  choose_device
  precisions=$(matrix_unit_precisions)
  step agreement 90 "$atelier" bench agreement --device "$DEVICE" --json
  kernels first 40 gemm-model-64x64x64
  kernels products 80 gemm-
  training dcgan-32 45 dcgan-32
  training vae-conv 45 vae-conv
  step vendor-products 40 "$python" Benchmarks/peers/vendor_products.py
  for precision in $precisions; do training "$precision" 45 all "$precision"; done
  tune tune 120 --budget 100s
  kernels products-tuned 60 gemm-
  training dcgan-32-tuned 40 dcgan-32
  for precision in $precisions; do
    tune "tune-$precision" 45 --precision "$precision" --budget 35s --shape gemm:nn:2048x2048x2048 --shape gemm:nn:4096x4096x4096
    kernels "$precision" 45 "$precision"
  done
  training vae-dense 45 vae-dense
  training tiny-pair 45 tiny-pair
  step profile 40 bench training --device "$DEVICE" --model dcgan-32 --profile --rounds 3 --seconds 0.3
  kernels convolutions-3x3 60 conv3x3-
  kernels convolutions-4x4 60 conv4x4-
  for model in dcgan-32 vae-conv; do
    step "training-compiled-$model" 120 bench training --device "$DEVICE" --model "$model" --precision float32 \
      --against pytorch --rounds 5 --seconds 0.3
  done
}

# The GPU that the program would take by itself; a processor where there is none, so that all of this can be tried.
choose_device() {
  # Whether or not its step was asked for, or went well.
  listing=$(tail -n 1 "$out/devices.json" 2>/dev/null || true)
  if [[ $listing != *'"devices"'* && $(cat "$out/devices.outcome" 2>/dev/null) != stopped* ]]; then
    listing=$(timeout --kill-after=5 60 "$atelier" devices --json 2>/dev/null || true)
  fi
  if [[ -z ${DEVICE:-} ]]; then
    DEVICE=opencl:0
    if [[ $listing == *'"reasonForNoGPU":null'* ]]; then DEVICE=gpu; fi
  fi
  if [[ $(device_entry) == *'"kind":"gpu"'* ]]; then export ATELIER_PEER_DEVICE=gpu; fi
  say "device: $DEVICE"
}

# What the program says of the device, in a line.
device_entry() {
  local mark="\"name\":\"$DEVICE\""
  if [[ $DEVICE == gpu ]]; then mark='"isChosenByAuto":true'; fi
  grep -F "$mark" <<<"${listing//'{"driver"'/$'\n'}" || true
}

# What the device multiplies in on matrix units.
matrix_unit_precisions() { device_entry | grep -o '"tf32"\|"bfloat16"' | tr -d '"' || true; }

# MARK: The result

# A member of the first table that has it as a string.
first_member() {
  local name found
  while read -r name; do
    # Those of machines and lists of devices have others of these names.
    if [[ $name == machine || $name == devices || $name == matrix-units ]]; then continue; fi
    found=$(grep -om 1 "\"$1\":\"[^\"]*\"" "$out/$name.json" 2>/dev/null || true)
    if [[ -n $found ]]; then
      found=${found%%$'\n'*}
      printf '%s' "${found#*:}"
      return
    fi
  done <"$out/steps"
  printf null
}

# Everything so far in one object, earlier runs' steps among it.
write_result() {
  local name separator='' table
  {
    printf '{"schema": 1, "date": "%s", "device": %s, "driver": %s, "steps": [' \
      "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(first_member device)" "$(first_member driver)"
    while read -r name; do
      [[ -e $out/$name.outcome ]] || continue
      table=$(tail -n 1 "$out/$name.json" 2>/dev/null || true)
      [[ $table == '{'*'}' ]] || table=null
      printf '%s\n{"name": "%s", "outcome": %s, "seconds": %s, "log": %s, "table": %s}' "$separator" "$name" \
        "$(quoted <"$out/$name.outcome")" "$(cat "$out/$name.seconds")" \
        "$(tail -n 60 "$out/$name.log" 2>/dev/null | quoted)" "$table"
      separator=,
    done <"$out/steps"
    printf '\n]}\n'
  } >"$out/gpu.json.part"
  mv "$out/gpu.json.part" "$out/gpu.json"
}

run() {
  local minutes=${MINUTES:-10}
  [[ $minutes =~ ^[1-9][0-9]{0,3}$ ]] || usage "MINUTES '$minutes': expected a whole number from 1 to 9999"
  out=$(realpath -m "${1:-gpu-results}") names=()
  mkdir -p "$out"
  cd "$root"
  atelier=$root/atelier python=${PYTHON:-python3}
  if [[ ! -x $atelier ]]; then
    swift build -c release --product atelier >&2
    atelier=$(swift build -c release --show-bin-path)/atelier
    SECONDS=0 # building does not count
  fi
  # The rest is for a step that takes its time to stop.
  deadline=$((60 * minutes - 30))
  check_program
  # Bare machines come with it down, and some libraries talk to themselves.
  ip link set lo up 2>/dev/null || true
  find_opencl
  loader=$(library libOpenCL.so.1)
  export atelier out loader DEVICE
  export -f bench describe_machine quoted
  steps
  ((${#names[@]} > 0)) || usage "STEPS '$STEPS': expected a pattern of steps' names, such as 'kernels-*'"
  write_result
  say "written: $out/gpu.json"
  for name in "${names[@]}"; do [[ $(cat "$out/$name.outcome") == "done" ]] || exit 1; done
}

case ${1:-run} in
  pack) pack "${@:2}" ;;
  run) run "${@:2}" ;;
  *) usage ;;
esac
