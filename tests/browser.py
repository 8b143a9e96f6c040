"""A page in headless Chromium: a script is run in it, and what the script returns comes back."""

import json
import re
import shutil
import subprocess
from urllib.parse import unquote

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
needs_browser = pytest.mark.skipif(BROWSER is None, reason="chromium is not installed: pages are not opened")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--window-size=1200,900",
         "--virtual-time-budget=20000", "--dump-dom"]  # fmt: skip
REPORT = """<script>addEventListener('load', async () => {{
  const tell = what => {{ document.body.dataset.told = encodeURIComponent(JSON.stringify(what)); }};
  try {{ tell({{ value: await (async () => {{ {script} }})() }}); }}
  catch (error) {{ tell({{ error: String(error) }}); }}
}});</script></body>"""


def in_browser(text, script, tmp_path):
    """What `script`, the body of an async function, returns in the page."""
    text = re.sub(r"<meta http-equiv[^>]*>", "", text)  # the page's policy would forbid the test's script
    dom = dom_of(text.replace("</body>", REPORT.format(script=script)), tmp_path)
    told = json.loads(unquote(re.search(r'data-told="([^"]*)"', dom)[1]))
    assert "error" not in told, told["error"]
    return told["value"]


def dom_of(text, tmp_path):
    """The page as it is after its own script alone has run, its policy kept."""
    path = tmp_path / "page.html"
    path.write_text(text)
    command = [BROWSER, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", path.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=180, check=True).stdout
