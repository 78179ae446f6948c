"""How the fallback person detector came to be: render, train, export, weigh. tools/train_detector.sh runs it all."""
