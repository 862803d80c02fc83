"""The instructor's side: release, run and judge what students hand in."""
