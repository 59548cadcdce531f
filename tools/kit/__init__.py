"""What tools share: score, theory, audio, video, analysis. Knows no agent and no tool."""
