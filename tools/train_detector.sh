#!/usr/bin/env bash
# The simulated world's own detector from nothing: render, train, export, weigh. About 3 hours of one free core, 3 GB of
# memory and 8 GB in build/. START=FILE.pt goes on from a checkpoint (one lies beside every file that was trained), then
# RATE=6e-4 and MINUTES=60 are enough; SEED=2 renders other pictures than SEED=1 (900 and up are for weighing).
# SMOKE=1: a few pictures and steps into build/, to see that it runs; the committed network stays.
set -euo pipefail
cd "$(dirname "$0")/.."
out=build/person_sim model=edge/perception/weights/person_sim.onnx
shards=140 minutes=${MINUTES:-150} seed=${SEED:-1}
if [ -n "${SMOKE:-}" ]; then out=build/person_sim_smoke shards=1 minutes=0.3; fi
mkdir -p "$out"
[ -x .venv-train/bin/python ] || python3 -m venv .venv-train
# torch brings what its own build needs beside the pins (a CUDA build brings a lot).
.venv-train/bin/python -c 'import torch, onnx' 2>/dev/null ||
  .venv-train/bin/python -m pip --disable-pip-version-check install --quiet --requirement requirements/train.txt
.venv/bin/python tools/train_detector/render.py --shards $shards --seed "$seed" --out "$out/shards"
# A child in another environment must not inherit what the ROS wheels set.
env -u LD_LIBRARY_PATH -u _ROS_WHEELS_BOOTSTRAP_COMPLETE nice -n 15 \
  .venv-train/bin/python tools/train_detector/train.py --shards "$out/shards" --out "$out/person_sim.onnx" \
  --minutes "$minutes" ${START:+--start "$START"} ${RATE:+--rate "$RATE"}
if [ -n "${SMOKE:-}" ]; then
  .venv/bin/python tools/train_detector/evaluate.py --model "$out/person_sim.onnx" --pictures 1
  exit 0
fi
cp "$out/person_sim.onnx" "$model"
real=(); [ -d ../shared/data/vision ] && real=(--real ../shared)
.venv/bin/python tools/train_detector/evaluate.py --model "$model" "${real[@]}" | tee "$out/figures.json"
echo "train-detector: put these figures into edge/perception/weights/person_sim.md"
