#!/usr/bin/env bash
# The fallback person detector from nothing: render, train, export, weigh. About 25 minutes on two cores.
# SMOKE=1: a few pictures and one epoch into build/, to see that it runs; the committed network stays.
set -euo pipefail
cd "$(dirname "$0")/.."
out=build/person_sim model=edge/perception/weights/person_sim.onnx
worlds=100 each=20 yard=2600 epochs=60 minutes=16
if [ -n "${SMOKE:-}" ]; then out=build/person_sim_smoke model=$out/person_sim.onnx worlds=1 each=4 yard=4 epochs=1 minutes=1; fi
mkdir -p "$out"
[ -x .venv-train/bin/python ] || python3 -m venv .venv-train
# torch brings what its own build needs beside the pins (a CUDA build brings a lot).
.venv-train/bin/python -c 'import torch, onnx' 2>/dev/null ||
  .venv-train/bin/python -m pip --disable-pip-version-check install --quiet --requirement requirements/train.txt
.venv/bin/python tools/train_detector/render.py --worlds $worlds --each $each --seed 1 --out "$out/train_worlds.npz" &
.venv/bin/python tools/train_detector/render.py --worlds 0 --yard $yard --restyle --seed 2 --out "$out/train_yard.npz"
wait $!
# A child in another environment must not inherit what the ROS wheels set.
env -u LD_LIBRARY_PATH -u _ROS_WHEELS_BOOTSTRAP_COMPLETE nice -n 15 \
  .venv-train/bin/python tools/train_detector/train.py --data "$out/train_worlds.npz" "$out/train_yard.npz" --out "$model" --epochs $epochs --minutes $minutes
[ -n "${SMOKE:-}" ] && exit 0
real=(); [ -d ../shared/data/vision ] && real=(--real ../shared)
.venv/bin/python tools/train_detector/evaluate.py --model "$model" "${real[@]}" | tee "$out/figures.json"
echo "train-detector: put these figures into edge/perception/weights/person_sim.md"
