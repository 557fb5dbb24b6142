"""The page in a real browser: Debian's Chromium. Where there is none its tests are skipped, but not in CI."""
