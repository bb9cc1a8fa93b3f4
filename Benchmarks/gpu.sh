#!/usr/bin/env bash
# All that a machine with a GPU can tell, in one command, ten minutes and one JSON: checks, tuning, and Atelier beside its peers.
#
#   Benchmarks/gpu.sh [run] [FOLDER]     builds here, unless it was unpacked, and runs; default: gpu-results
#   Benchmarks/gpu.sh pack [FILE]        builds and packs all that run needs, below 64 MiB; default: atelier-gpu.tar.gz
#
# On the other machine:  tar -xzf atelier-gpu.tar.gz && atelier-gpu/Benchmarks/gpu.sh
#
# FOLDER/gpu.json has device, driver, date, and every step with its outcome and table. A step that fails, or for which there is no
# time, says so there and the others go on; run again on the same FOLDER does what is not done yet. What it takes from the
# environment: PYTHON (with PyTorch; default python3), DEVICE (gpu or opencl:N; default: the first usable GPU, else opencl:0),
# MINUTES (default 10), STEPS (a pattern of names; default: all). Exit status 0 when every step is done, else 1; 64 usage.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root
PATH=$PATH:/usr/sbin:/sbin # ldconfig

usage() {
  sed -n '4,5s/^# *//p' "${BASH_SOURCE[0]}" >&2
  exit 64
}

say() { printf '%s\n' "$*" >&2; }

# MARK: Packing

# Pictures' libraries go into lib, where the program looks first; those of OpenCL into spare, for machines without.
readonly picture_libraries='libpng16\.so|libturbojpeg\.so|libz\.so'
readonly spare_libraries=(libOpenCL.so.1 libclblast.so.1)

build_static() {
  local settings=(-c release --product atelier --static-swift-stdlib --scratch-path .build/packed)
  swift build "${settings[@]}" -Xlinker -rpath -Xlinker "\$ORIGIN/lib" >&2
  swift build "${settings[@]}" --show-bin-path
}

pack() {
  local file=${1:-$PWD/atelier-gpu.tar.gz} built place library
  cd "$root"
  built=$(build_static)
  place=$(mktemp -d)/atelier-gpu
  mkdir -p "$place/lib" "$place/spare" "$place/Benchmarks/peers"
  strip -o "$place/atelier" "$built/atelier"
  ldd "$built/atelier" | awk -v wanted="$picture_libraries" '$1 ~ wanted { print $3 }' |
    while read -r library; do cp -L "$library" "$place/lib/$(basename "$library")"; done
  for library in "${spare_libraries[@]}"; do
    library=$(ldconfig -p | awk -v name="$library" '$1 == name { print $NF; exit }')
    if [[ -n $library ]]; then cp -L "$library" "$place/spare/"; fi
  done
  cp Benchmarks/gpu.sh "$place/Benchmarks/"
  cp Benchmarks/peers/*.py "$place/Benchmarks/peers/"
  tar -C "$(dirname "$place")" -czf "$file" atelier-gpu
  rm -r "$(dirname "$place")"
  say "$file: $(($(stat -c %s "$file") >> 10)) KiB"
  (($(stat -c %s "$file") < 64 << 20))
}

# MARK: The machine

# Makes OpenCL findable: the loader, and a vendor's file for NVIDIA's driver, which some images come without.
find_opencl() {
  if ! ldconfig -p | grep -q 'libOpenCL\.so\.1' && [[ -d $root/spare ]]; then
    export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$root/spare
  elif ! ldconfig -p | grep -q 'libclblast\.so\.1' && [[ -e $root/spare/libclblast.so.1 ]]; then
    # By itself, so that the system's loader stays the one that is used.
    mkdir -p "$out/clblast"
    ln -sf "$root/spare/libclblast.so.1" "$out/clblast/"
    export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$out/clblast
  fi
  local driver
  if [[ -z ${OCL_ICD_VENDORS:-} ]] && ! grep -qs nvidia /etc/OpenCL/vendors/*.icd; then
    driver=$(nvidia_driver)
    if [[ -n $driver ]]; then
      mkdir -p "$out/vendors"
      cp /etc/OpenCL/vendors/*.icd "$out/vendors/" 2>/dev/null || true
      printf '%s\n' "$driver" >"$out/vendors/nvidia.icd"
      export OCL_ICD_VENDORS=$out/vendors
    fi
  fi
}

# Where NVIDIA's half of OpenCL is.
nvidia_driver() {
  {
    ldconfig -p | awk '$1 == "libnvidia-opencl.so.1" { print $NF }'
    find /usr/local/nvidia /usr/lib /usr/lib64 /opt -name libnvidia-opencl.so.1 2>/dev/null || true
  } | sed -n 1p
}

# What was found, as an object.
describe_machine() {
  local processor card icds
  processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
  card=$(nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv,noheader 2>/dev/null || true)
  icds=$(cat "${OCL_ICD_VENDORS:-/etc/OpenCL/vendors}"/*.icd 2>/dev/null || true)
  printf '{"system": %s, "processor": %s, "cores": %d, "nvidiaCard": %s, "openCLLoader": %s, "openCLDrivers": %s, "driversFrom": %s}\n' \
    "$(uname -sr | quoted)" "$(quoted <<<"$processor")" "$(nproc)" "$(quoted <<<"$card")" \
    "$(ldconfig -p | grep -o 'libOpenCL\.so\.1.*' | quoted)" "$(quoted <<<"$icds")" \
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

# step NAME SECONDS COMMAND...: what it prints is an object, kept as NAME.json, its words as NAME.log, and how it went as NAME.outcome.
step() {
  local name=$1 limit=$2 began=$SECONDS status=0 outcome="done" left=$((deadline - SECONDS))
  shift 2
  # shellcheck disable=SC2053 # a pattern is wanted
  [[ $name == ${STEPS:-*} ]] || return 0
  names+=("$name")
  if [[ $(cat "$out/$name.outcome" 2>/dev/null) == "done" ]]; then
    say "$name: done before"
    return
  fi
  ((left < limit)) && limit=$left
  if ((limit < 5)); then
    outcome='not run: no time was left'
  else
    timeout --signal=INT --kill-after=10 "$limit" bash -c '"$@"' _ "$@" >"$out/$name.json" 2>"$out/$name.log" </dev/null ||
      status=$?
    case $status in
      0) ;;
      124 | 137) outcome="stopped after $limit s" ;;
      *) outcome="failed with status $status" ;;
    esac
  fi
  printf '%s\n' "$outcome" >"$out/$name.outcome"
  printf '%s\n' "$((SECONDS - began))" >"$out/$name.seconds"
  say "$name: $outcome, $((SECONDS - began)) s$([[ $outcome == "done" ]] || printf '; %s' "$(tail -n 1 "$out/$name.log" 2>/dev/null)")"
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

steps() {
  step machine 20 describe_machine
  step devices 60 "$atelier" devices --json
  step matrix-units 40 "$python" Benchmarks/peers/matrix_units.py
  choose_device
  kernels first 60 gemm-model-64x64x64
  kernels products 100 gemm-
  training dcgan-32 60 dcgan-32
  training vae-conv 60 vae-conv
  if "$atelier" --help | grep -q '^ *tune '; then
    step tune 150 "$atelier" tune --device "$DEVICE" --budget 2m --json
    kernels products-tuned 60 gemm-
    training dcgan-32-tuned 45 dcgan-32
    for precision in $(matrix_unit_precisions); do
      step "tune-$precision" 60 "$atelier" tune --device "$DEVICE" --precision "$precision" --budget 45s --json \
        --shape gemm:nn:2048x2048x2048 --shape gemm:nn:4096x4096x4096
      kernels "$precision" 60 "$precision"
    done
  fi
  training vae-dense 50 vae-dense
  training tiny-pair 50 tiny-pair
  step vendor-products 40 "$python" Benchmarks/peers/vendor_products.py
  step profile 40 bench training --device "$DEVICE" --model dcgan-32 --profile --rounds 3 --seconds 0.3
  kernels convolutions-3x3 60 conv3x3-
  kernels convolutions-4x4 60 conv4x4-
  for precision in $(matrix_unit_precisions); do training "$precision" 60 all "$precision"; done
  for model in dcgan-32 vae-conv; do
    step "training-compiled-$model" 120 bench training --device "$DEVICE" --model "$model" --precision float32 \
      --against pytorch --rounds 5 --seconds 0.3
  done
}

# What the device multiplies in on matrix units.
matrix_unit_precisions() {
  local mark="\"name\":\"$DEVICE\""
  if [[ $DEVICE == gpu ]]; then mark='"isChosenByAuto":true'; fi
  sed 's/{"driver"/\n&/g' "$out/devices.json" | grep -F "$mark" | grep -o '"tf32"\|"bfloat16"' | tr -d '"' || true
}

# The GPU that the program would take by itself; a processor where there is none, so that all of this can be tried.
choose_device() {
  if [[ -n ${DEVICE:-} ]]; then return; fi
  DEVICE=opencl:0
  if grep -qs '"reasonForNoGPU":null' "$out/devices.json"; then DEVICE=gpu; fi
  [[ $DEVICE == gpu ]] && export ATELIER_PEER_DEVICE=gpu
  say "device: $DEVICE"
}

# MARK: The result

# A member of the first table that has it.
first_member() { grep -hos "\"$1\":\"[^\"]*\"" "$out"/kernels-*.json "$out"/training-*.json | head -n 1 | sed 's/^[^:]*://' || true; }

# Everything in one object.
write_result() {
  local name separator='' device driver table
  device=$(first_member device) driver=$(first_member driver)
  {
    printf '{"schema": 1, "date": "%s", "device": %s, "driver": %s, "steps": [' \
      "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "${device:-null}" "${driver:-null}"
    for name in "${names[@]}"; do
      table=$(tail -n 1 "$out/$name.json" 2>/dev/null || true)
      [[ $table == '{'*'}' ]] || table=null
      printf '%s\n{"name": "%s", "outcome": %s, "seconds": %s, "log": %s, "table": %s}' "$separator" "$name" \
        "$(quoted <"$out/$name.outcome")" "$(cat "$out/$name.seconds")" \
        "$(tail -n 60 "$out/$name.log" 2>/dev/null | quoted)" "$table"
      separator=,
    done
    printf '\n]}\n'
  } >"$out/gpu.json.part"
  mv "$out/gpu.json.part" "$out/gpu.json"
  say "written: $out/gpu.json"
}

run() {
  out=$(realpath -m "${1:-gpu-results}") names=()
  mkdir -p "$out"
  deadline=$((SECONDS + 60 * ${MINUTES:-10} - 10))
  cd "$root"
  atelier=$root/atelier python=${PYTHON:-python3}
  if [[ ! -x $atelier ]]; then
    swift build -c release --product atelier >&2
    atelier=$(swift build -c release --show-bin-path)/atelier
  fi
  find_opencl
  export atelier out DEVICE
  export -f bench describe_machine quoted
  trap write_result EXIT
  steps
  for name in "${names[@]}"; do [[ $(cat "$out/$name.outcome") == "done" ]] || exit 1; done
}

case ${1:-run} in
  pack) pack "${@:2}" ;;
  run) run "${@:2}" ;;
  *) usage ;;
esac
