"""Recipients who want no more mail of a sender: their links, the page behind them, one click."""
