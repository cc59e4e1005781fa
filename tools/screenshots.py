"""Take the pictures of the guide from a running demo company, in English and Chinese.

    make screenshots                                      on a fresh demo company of its own
    .odoo/venv/bin/python tools/screenshots.py [URL]      on a server that runs, e.g. that of `make run`

The URL comes from the command line, from ODOO_URL or is http://localhost:8069. Chromium is driven over its own
debugging protocol, so that nothing beyond the development requirements is needed. Every user has his language
back afterwards; the quotation that the customer signed in the portal stays on hold, and the simulations are run anew.
"""
import base64
import io
import itertools
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

import websocket
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs/images"
URL = (sys.argv[1] if len(sys.argv) > 1 else os.environ.get("ODOO_URL") or "http://localhost:8069").rstrip("/")
BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
LANGUAGES = {"en": "en_US", "zh_CN": "zh_CN"}
SIZE = (1400, 900)
MAX_BYTES = 150_000
BACKEND = ".o_action_manager .o_view_controller .o_content"


class Picture(NamedTuple):
    """What to open, as whom. ``{id}`` in the address is the first record that the search finds."""

    login: str
    address: str
    model: str = ""
    domain: tuple = ()
    click: str = ""  # CSS of an element to click once the page is there
    wait: str = BACKEND  # CSS of what has to be there before the picture is taken
    scroll: str = ""  # CSS of an element to bring to the top of the page
    order: str = "id"


PICTURES = {
    "quotation_on_hold": Picture(
        "chen.director", "/odoo/orders-on-hold/{id}", "sale.order",
        (("hold_state", "=", "on_hold"), ("gate_can_decide", "=", True)), wait="[name=gate_hold_banner]"),
    "hold_board": Picture("chen.director", "/odoo/hold-board", wait=".o_kanban_record"),
    "credit_request": Picture(
        "chen.director", "/odoo/credit-requests/{id}", "sales.credit.request", (("state", "=", "submitted"),)),
    "approval_queue": Picture("ma.credit", "/odoo/my-approvals", wait=".o_kanban_record"),
    "approval_dialog": Picture(
        "ma.credit", "/odoo/my-approvals", click=".o_kanban_record a.btn-primary", wait=".modal .o_form_view"),
    "credit_profile": Picture(
        "ma.credit", "/odoo/credit-profiles/{id}", "sales.credit.profile",
        (("usage_percent", ">", 0),), order="usage_percent desc"),
    "credit_profiles": Picture("ma.credit", "/odoo/credit-profiles", click=".o_switch_view.o_list", wait=".o_list_view"),
    "settings": Picture(
        "admin", "/odoo/action-sales_mgmt_addon.res_config_settings_action", wait="[data-key=sales_mgmt_addon]"),
    "my_targets": Picture(
        "zhou.beijing", "/odoo/my-targets", click=".o_period_year", wait=".o_my_metric"),
    "team_targets": Picture("chen.director", "/odoo/team-targets", click=".o_period_year", wait=".o_team_tree"),
    "quota_grid": Picture(
        "wang.east", "/odoo/{id}/quota-grid", "sales.quota.plan", (("state", "=", "published"),), wait=".o_quota_grid"),
    "quota_plan": Picture(
        "chen.director", "/odoo/quota-plans/{id}", "sales.quota.plan", (("state", "=", "published"),)),
    "attainment_entries": Picture(
        "zhou.beijing", "/odoo/attainment-entries", click=".o_group_header", wait=".o_data_row"),
    "quota_action": Picture(
        "zhou.beijing", "/odoo/quota-actions/{id}", "sales.quota.action", (("state", "=", "agreed"),)),
    "receivable_ageing": Picture("ma.credit", "/odoo/ageing", wait=".o_ageing_table tbody .o_ageing_share .progress-bar"),
    "receivables": Picture("ma.credit", "/odoo/receivables", wait=".o_list_view .o_data_row"),
    "cash_forecast": Picture("ma.credit", "/odoo/cash-forecast", wait=".o_graph_view canvas"),
    "collection_worklist": Picture("ma.credit", "/odoo/collection-worklist", wait=".o_list_view .o_data_row"),
    "collection_case": Picture(
        "ma.credit", "/odoo/collection-worklist/{id}", "sales.collection.case",
        (("partner_id", "ilike", "Jinmen Special Steel"), ("state", "!=", "closed")),
        wait=".o_form_view .o_field_widget[name=items_html]"),
    "dunning_run": Picture(
        "ma.credit", "/odoo/dunning-runs/{id}", "sales.dunning.run", (("state", "=", "proposed"),),
        wait=".o_form_view [name=letter_ids] .o_data_row"),
    "expected_loss": Picture(
        "ma.credit", "/odoo/expected-loss/{id}", "sales.receivable.provision", (("state", "=", "posted"),),
        wait=".o_form_view [name=line_ids] .o_data_row", order="date desc"),
    "items_to_comment": Picture("xu.shanghai", "/odoo/items-to-comment", wait=".o_list_view .o_data_row"),
    # North China is the one that has closed its packs
    "receivable_pack": Picture(
        "li.north", "/odoo/receivable-packs/{id}", "sales.receivable.pack", (("state", "=", "closed"),),
        wait=".o_form_view [name=line_ids] .o_data_row", order="date desc"),
    # The PDF as the page that it is printed from: the browser shows no PDF without a viewer
    "receivable_pack_pdf": Picture(
        "li.north", "/report/html/sales_mgmt_addon.report_receivable_pack/{id}", "sales.receivable.pack",
        (("state", "=", "closed"),), wait=".page table tbody tr", order="date desc"),
    # The newest order of the market has goods of two sellers and our own
    "order_rights": Picture(
        "ye.market", "/odoo/orders/{id}", "sale.order", (("channel_id.code", "=", "MARKET"), ("state", "=", "sale")),
        click="[name=order_line] .o_data_row button[name=action_open_rights]", wait=".modal [name=rights_text]", order="id desc"),
    "channel_mode": Picture(
        "ye.market", "/odoo/channel-modes/{id}", "sales.channel.mode",
        (("category_id", "!=", False), ("state", "=", "approved")), wait=".o_form_view [name=rights_text]"),
    "mode_simulation": Picture(
        "ye.market", "/odoo/mode-simulations/{id}", "sales.channel.simulation", (("run_on", "!=", False),),
        wait=".o_form_view .o_notebook [name=new_working_capital]", scroll=".o_form_view .oe_title"),
    "seller": Picture(
        "ye.market", "/odoo/sellers/{id}", "sales.seller", (("name", "ilike", "Kexin"),),
        wait=".o_form_view [name=check_ids] .o_data_row"),
    "seller_offers": Picture("ye.market", "/odoo/seller-offers", wait=".o_list_view .o_data_row"),
    "seller_order": Picture(
        "ye.market", "/odoo/seller-orders/{id}", "sales.seller.order",
        (("seller_id.name", "ilike", "Kexin"), ("state", "in", ("shipped", "done"))),
        wait=".o_form_view [name=line_ids] .o_data_row", order="id desc"),
    "settings_marketplace": Picture(
        "admin", "/odoo/action-sales_mgmt_addon.res_config_settings_action", wait="#marketplace_accounts",
        scroll="#group_area_channel"),
    "settlement": Picture(
        "fan.settle", "/odoo/seller-statements/{id}", "sales.settlement",
        (("seller_id.name", "ilike", "Kexin"), ("state", "=", "paid")),
        wait=".o_form_view [name=ledger_ids] .o_data_row", order="date_to desc"),
    "settlement_pdf": Picture(
        "fan.settle", "/report/html/sales_mgmt_addon.report_settlement/{id}", "sales.settlement",
        (("seller_id.name", "ilike", "Kexin"), ("state", "=", "paid")), wait="[name=statement_entries] tbody tr",
        order="date_to desc"),
    "payout": Picture(
        "fan.settle", "/odoo/seller-payouts/{id}", "sales.payout", (("state", "=", "done"),),
        wait=".o_form_view [name=payment_ids] .o_data_row"),
    "settlement_control": Picture("fan.settle", "/odoo/settlement-control", wait=".o_list_view .o_data_row"),
    "seller_portal_home": Picture("seller.kexin", "/my", wait=".o_portal_docs a[href='/my/seller/orders']"),
    # Users of the portal may read no records: the page is found as they find it, by the first row of the list
    "seller_portal_order": Picture("seller.kexin", "/my/seller/orders", click=".o_seller_order a", wait=".o_seller_ship"),
    "portal_on_hold": Picture(
        "portal.tianhe", "/my/orders/{id}", "sale.order", (("state", "=", "sent"),),
        wait="[name=gate_on_hold]", order="amount_total desc"),
}


class Browser:
    """A headless Chromium with one page."""

    def __init__(self):
        self.profile = tempfile.mkdtemp()
        program = next(filter(None, map(shutil.which, BROWSERS)))
        self.process = subprocess.Popen([
            program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0",
            "--remote-allow-origins=*", "--disable-background-networking", "--disable-component-update",
            f"--user-data-dir={self.profile}", f"--window-size={SIZE[0]},{SIZE[1]}", "about:blank",
        ], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port_file = Path(self.profile, "DevToolsActivePort")
        while not port_file.exists() or not port_file.read_text().strip():
            time.sleep(0.1)
        port = port_file.read_text().split()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:  # noqa: S310 - our own browser
            page = next(target for target in json.load(answer) if target["type"] == "page")
        self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=60)
        self.numbers = itertools.count(1)
        self.call("Emulation.setDeviceMetricsOverride", width=SIZE[0], height=SIZE[1], deviceScaleFactor=1, mobile=False)

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
        """Return the id of the user: in the demo company the password is the login."""
        self.call("Network.clearBrowserCookies")
        self.open("/web/login?redirect=/my/account")  # a light page that all users have
        self.run(f"""document.querySelector('#login').value = document.querySelector('#password').value = '{login}';
            document.querySelector('form.oe_login_form').submit()""")
        self.wait("!location.pathname.endsWith('/web/login') && document.readyState === 'complete'")
        return self.post("/web/session/get_session_info", {})["uid"]

    def picture(self, path):
        """Store what the page shows, in as many colours as the size of the file allows."""
        data = base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.open(io.BytesIO(data)).convert("RGB")
        for colours in (256, 128, 64, 32):
            image.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
            if path.stat().st_size < MAX_BYTES:
                break
        print(path.relative_to(ROOT), path.stat().st_size // 1024, "kB", flush=True)

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


def sign_as_customer(browser):
    """Sign the largest quotation of the customer in the portal: it is beyond his credit and waits on hold."""
    browser.log_in("portal.tianhe")
    found = browser.rpc("sale.order", "search_read", [["state", "=", "sent"]], ["id"], limit=1, order="amount_total desc")
    if not found:
        raise RuntimeError("There is no quotation that the customer in the portal could sign: make reset-db")
    signature, stored = Image.new("RGB", (240, 80), "white"), io.BytesIO()
    curve = [(x, 40 + 30 * math.sin(x / 11) * math.cos(x / 40)) for x in range(10, 230)]
    ImageDraw.Draw(signature).line(curve, fill="navy", width=3)
    signature.save(stored, "PNG")
    # answers with an error if it is signed already, and raises if the server cannot print PDF documents
    browser.post(f"/my/orders/{found[0]['id']}/accept", {
        "name": "Tian Yu 田雨", "signature": base64.b64encode(stored.getvalue()).decode()})


def write_findings_anew(browser, language):
    """Confirm what is on hold once more: the text of a finding has the language of whoever confirms."""
    browser.log_in("chen.director")
    held = browser.rpc("sale.order", "search", [["hold_state", "=", "on_hold"], ["state", "in", ["draft", "sent"]]])
    browser.rpc("sale.order", "action_confirm", held, context={"lang": language})


def simulate_anew(browser, language):
    """Run the simulations once more: their names and facts have the language of whoever runs them."""
    browser.log_in("ye.market")
    domain = [["run_on", "!=", False], ["mode_ids", "=", False]]
    for simulation in browser.rpc("sales.channel.simulation", "search_read", domain, ["preset"]):
        browser.rpc("sales.channel.simulation", "write", [simulation["id"]], {"preset": simulation["preset"]},
                    context={"lang": language})
        browser.rpc("sales.channel.simulation", "action_run", [simulation["id"]], context={"lang": language})


def write_to_sellers_in(browser, language):
    """Let statements be written in a language: they have that of the seller. Return his former ones by partner."""
    browser.log_in("ye.market")
    sellers = browser.rpc("sales.seller", "search_read", [["name", "ilike", "Kexin"]], ["partner_id"])
    partners = [seller["partner_id"][0] for seller in sellers]
    former = {row["id"]: row["lang"] for row in browser.rpc("res.partner", "read", partners, ["lang"])}
    browser.rpc("res.partner", "write", partners, {"lang": language})
    return former


def take(browser, name, picture, folder):
    address = picture.address
    if picture.model:
        found = browser.rpc(picture.model, "search_read", picture.domain, ["id"], limit=1, order=picture.order)
        if not found:
            raise RuntimeError(f"{name}: {picture.login} sees no such record")
        address = address.replace("{id}", str(found[0]["id"]))
    browser.open(address)
    if picture.click:
        browser.wait(f"document.querySelector({json.dumps(picture.click)})")
        browser.run(f"document.querySelector({json.dumps(picture.click)}).click()")
    browser.wait(f"document.querySelector({json.dumps(picture.wait)})")
    if picture.scroll:
        browser.run(f"document.querySelector({json.dumps(picture.scroll)}).scrollIntoView()")
    time.sleep(2)  # avatars and animations
    browser.picture(IMAGES / folder / f"{name}.png")


def main():
    browser = Browser()
    try:
        sign_as_customer(browser)
        for folder, language in LANGUAGES.items():
            if language != "en_US":
                write_findings_anew(browser, language)
                simulate_anew(browser, language)
            former_languages = write_to_sellers_in(browser, language)
            for login in dict.fromkeys(picture.login for picture in PICTURES.values()):
                user = browser.log_in(login)
                former = browser.rpc("res.users", "read", [user], ["lang"])[0]["lang"]
                browser.rpc("res.users", "write", [user], {"lang": language})
                try:
                    browser.log_in(login)  # a session keeps the language with which it began
                    browser.call("Network.setCookie", name="frontend_lang", value=language, url=URL)
                    for name, picture in PICTURES.items():
                        if picture.login == login:
                            take(browser, name, picture, folder)
                finally:
                    browser.rpc("res.users", "write", [user], {"lang": former})
            browser.log_in("ye.market")
            for partner, former in former_languages.items():
                browser.rpc("res.partner", "write", [partner], {"lang": former})
        shutil.copyfile(IMAGES / "en/quotation_on_hold.png", IMAGES / "quotation_on_hold.png")
    finally:
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
