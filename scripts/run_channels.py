"""The part of scripts/run that pays through channels: recharges over one that misbehaves, a sale paid by balance and
channel together, its refund, a withdraw; every cent is where the orders say, or in a case.
"""
import json
import subprocess
import time

WAIT_SECONDS_MAX = 60
MERCHANT, USER = 4242, 4242
BANK, CARD = "1", "2"  # of the shipped catalogue: answers always, answers as it likes


class Trouble(Exception):
    """Something is not as it must be; the message is for the user."""


class Cli:
    def __init__(self, binary, address):
        self.binary, self.address = binary, address

    def __call__(self, *words):
        command = [self.binary, *words, "--address", self.address, "--json"]
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise Trouble(f"`payloom {' '.join(words)}` ended with code {done.returncode}: {done.stdout.strip()}")
        return json.loads(done.stdout)

    def open_parties(self):
        for who in (("platform",), ("channel", BANK), ("channel", CARD), ("merchant", str(MERCHANT)),
                    ("user", str(USER))):
            self("party", "open", *who, "--ledger", "EUR")

    def order(self, number, product, amount):
        self("order", "create", "--merchant", str(MERCHANT), "--business-id", str(number), "--product", product,
             "--user", str(USER), "--amount", amount, "--ledger", "EUR")
        return f"{MERCHANT}/{number}"

    def act(self, number, *words):
        self("order", *words, "--id", str((MERCHANT << 64) + number))

    def settled(self, order):
        """The order's newest event, once nothing of it is on the way."""
        ends = time.monotonic() + WAIT_SECONDS_MAX
        while time.monotonic() < ends:
            shown = self("order", "show", order)
            payment = shown["events"][-1].get("payment")
            with_people = payment is not None and payment.get("state_name") == "MANUAL"
            if payment is None or with_people or payment["due_at"] in (0, "0", None):
                return shown
            time.sleep(0.05)
        raise Trouble(f"order {order}: its payment is still on the way after {WAIT_SECONDS_MAX} s")


def minor(text):
    return int(text.replace(".", "").replace(",", ""))


def run(binary, address, recharges):
    cli = Cli(binary, address)
    cli.open_parties()
    states, paid, suspense = {}, 0, 0
    orders = [cli.order(n, "recharge", "25.00") for n in range(1, recharges + 1)]
    for n, order in enumerate(orders, 1):
        cli.act(n, "pay", order, "--tools", "channel", "--channel", CARD)
    for order in orders:
        cli.settled(order)
    time.sleep(1)  # what the channel tells late
    for order in orders:
        shown = cli.settled(order)
        last = shown["events"][-1]
        states[last["state"]] = states.get(last["state"], 0) + 1
        paid += int(shown["order"]["paid_minor"])
        suspense += int(last["payment"]["suspense_minor"])
    cases = cli("case", "list", "--merchant", str(MERCHANT))
    print(f"  {recharges} recharges over a channel that misbehaves: " +
          ", ".join(f"{count} {state}" for state, count in sorted(states.items())) + f"; {len(cases)} cases open")
    held = {row["role"]: minor(row["posted"]) for row in cli("party", "show", "channel", CARD, "--ledger", "EUR")}
    if held["channel_receivable"] != paid + suspense:
        raise Trouble(f"the channel owes {held['channel_receivable']}, our orders say {paid}, {suspense} in suspense")
    if suspense != 0 and not cases:
        raise Trouble("money stands in suspense without a case")

    sale = cli.order(1001, "instant_sale", "10.00")
    cli.act(1001, "pay", sale, "--tools", "balance,channel", "--channel", BANK, "--balance", "4.00")
    cli.settled(sale)
    cli.act(1002, "refund", sale, "--amount", "5.00")
    shown = cli.settled(sale)
    out = cli.order(1003, "withdraw", "8.00")
    cli.act(1003, "pay", out)
    cli.settled(out)
    print("  a sale of 10.00 paid by balance and channel, half of it refunded: " +
          " > ".join(event["state"] for event in shown["events"]))
    platform = {row["role"]: minor(row["posted"]) for row in cli("party", "show", "platform", "--ledger", "EUR")}
    for role in ("payment_transit", "withdraw_transit", "refund_transit"):
        if platform[role] != 0:
            raise Trouble(f"{role} holds {platform[role]}: it must be zero when nothing is on the way")
    if platform["suspense_long"] != suspense:
        raise Trouble(f"suspense holds {platform['suspense_long']}, our orders say {suspense}")
    print("  transit accounts are zero, the channels owe what the orders say")
