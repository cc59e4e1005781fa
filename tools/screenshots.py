"""Take the pictures of the guide from a running demo company, in English and Chinese.

`make screenshots` starts the server and calls this; ODOO_URL names it. Chromium is driven over its own
debugging protocol, so that nothing beyond the development requirements is needed.
"""
import base64
import io
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs/images"
URL = os.environ.get("ODOO_URL", "http://localhost:8069")
BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
LANGUAGES = {"en": "en_US", "zh_CN": "zh_CN"}
FIRST_HELD = "[['hold_state', '=', 'on_hold'], ['state', 'in', ['draft', 'sent']]]"
# picture: (login, address; {id} is the first record that the search finds, search, CSS of an element to click first)
PICTURES = {
    "quotation_on_hold": ("ma.credit", "/odoo/orders-on-hold/{id}", ("sale.order", FIRST_HELD), None),
    "approval_queue": ("ma.credit", "/odoo/my-approvals", None, None),
    "approval_dialog": ("ma.credit", "/odoo/my-approvals", None, ".o_kanban_record a.btn-primary"),
    "credit_profile": ("ma.credit", "/odoo/credit-profiles/{id}",
                       ("sales.credit.profile", "[['usage_percent', '>', 80]]"), None),
    "credit_profiles": ("ma.credit", "/odoo/credit-profiles", None, None),
    "hold_board": ("chen.director", "/odoo/hold-board", None, None),
}


class Browser:
    """A headless Chromium with one page."""

    def __init__(self):
        self.profile = tempfile.mkdtemp()
        program = next(filter(None, map(shutil.which, BROWSERS)))
        self.process = subprocess.Popen([
            program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0",
            "--remote-allow-origins=*", "--disable-background-networking", "--disable-component-update",
            f"--user-data-dir={self.profile}", "--window-size=1400,900", "about:blank",
        ], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port_file = Path(self.profile, "DevToolsActivePort")
        while not port_file.exists() or not port_file.read_text().strip():
            time.sleep(0.1)
        port = port_file.read_text().split()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:  # noqa: S310 - our own browser
            page = next(target for target in json.load(answer) if target["type"] == "page")
        self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=60)
        self.numbers = itertools.count(1)
        self.call("Emulation.setDeviceMetricsOverride", width=1400, height=900, deviceScaleFactor=1, mobile=False)

    def call(self, method, **params):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (message := json.loads(self.socket.recv())).get("id") != number:
            pass
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']['message']}")
        return message["result"]

    def run(self, script):
        """Return what a JavaScript expression or promise gives."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    def open(self, path):
        self.call("Page.navigate", url=f"{URL}{path}")
        time.sleep(1)
        self.wait("document.readyState === 'complete'")

    def wait(self, condition, seconds=60):
        end = time.monotonic() + seconds
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > end:
                raise TimeoutError(condition)
            time.sleep(0.2)

    def rpc(self, model, method, *args, **kwargs):
        """Call a method as the user of the page."""
        return self.post("/web/dataset/call_kw", {"model": model, "method": method, "args": args, "kwargs": kwargs})

    def post(self, path, params):
        body = json.dumps({"jsonrpc": "2.0", "params": params})
        answer = self.run(f"""fetch({json.dumps(path)}, {{method: "POST", headers: {{"Content-Type":
            "application/json"}}, body: {json.dumps(body)}}}).then((answer) => answer.json())""")
        if "error" in answer:
            raise RuntimeError(answer["error"]["data"]["message"])
        return answer["result"]

    def log_in(self, login):
        self.call("Network.clearBrowserCookies")
        self.open("/web/login")
        self.run(f"""document.querySelector('#login').value = document.querySelector('#password').value = '{login}';
            document.querySelector('form.oe_login_form').submit()""")
        self.wait("document.querySelector('.o_main_navbar')")
        return self.post("/web/session/get_session_info", {})["uid"]

    def picture(self, path):
        data = base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        path.parent.mkdir(parents=True, exist_ok=True)
        # few colours: the pictures live in the repository
        Image.open(io.BytesIO(data)).convert("RGB").quantize(128).save(path, optimize=True)
        print(path.relative_to(ROOT))

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


def main():
    browser = Browser()
    try:
        for folder, language in LANGUAGES.items():
            for name, (login, address, search, click) in PICTURES.items():
                user = browser.log_in(login)
                browser.rpc("res.users", "write", [user], {"lang": language})
                browser.log_in(login)  # a session keeps the language with which it began
                if search:
                    model, domain = search
                    found = browser.rpc(model, "search", json.loads(domain.replace("'", '"')), limit=1, order="id")
                    address = address.replace("{id}", str(found[0]))
                browser.open(address)
                browser.wait("document.querySelector('.o_kanban_record:not(.o_kanban_ghost), .o_data_row, .o_form_sheet')")
                if click:
                    browser.wait(f"document.querySelector({json.dumps(click)})")
                    browser.run(f"document.querySelector({json.dumps(click)}).click()")
                    browser.wait("document.querySelector('.modal .o_form_view')")
                time.sleep(3)
                browser.picture(IMAGES / folder / f"{name}.png")
                browser.rpc("res.users", "write", [user], {"lang": "en_US"})
        shutil.copyfile(IMAGES / "en/quotation_on_hold.png", IMAGES / "quotation_on_hold.png")
    finally:
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
