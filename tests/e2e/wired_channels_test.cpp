// Payments over real wires to the simulators' own processes: rejections, silence with and without the money moved,
// doubles, forged callbacks, and a kill of the server among them. At the end the other side's own statement and our
// ledger say the same of every cent (domain.md 1.4; GW-1, GW-3, GW-7).
#include <fstream>
#include <sstream>

#include "tests/e2e/channel_orders_fixture.hpp"
#include "tests/support/edited_catalog.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/outside_process.hpp"

namespace payloom::e2e {
namespace {

constexpr owner_number switch_channel = 3, acquirer_channel = 4;
constexpr int orders = 200;
constexpr u128 amount = 1'000;

constexpr const char* channels_with_wires = R"(
channels:
  switch:
    number: 3
    driver: iso8583
    operations: [pay, refund, query, close]
    in_flight_max: 10000
    case_owner: payments_operations
    codes:
      - {code: "00", outcome: success, number: 100, reversed: true}
      - {code: "25", outcome: unknown, number: 25, reversed: true}
      - {code: "05", outcome: rejected, number: 5}
      - {code: "51", outcome: rejected, number: 51}
      - {code: "77", outcome: rejected, number: 77}
  acquirer:
    number: 4
    driver: http_json
    operations: [pay, refund, query, close]
    in_flight_max: 10000
    case_owner: payments_operations
    codes:
      - {code: APPROVED, outcome: success, number: 100}
      - {code: DECLINED, outcome: rejected, number: 1}
      - {code: PROCESSING, outcome: accepted, number: 2}
      - {code: BUSY, outcome: not_sent, number: 3}
      - {code: CLOSED, outcome: closed, number: 5}
      - {code: ATTEMPT_CLOSED, outcome: rejected, number: 10}
)";

/// What moved by the other side's own statement: in minus out.
std::int64_t net_of(const std::string& statement) {
  std::ifstream in(statement);
  std::string line;
  std::int64_t net = 0;
  EXPECT_TRUE(std::getline(in, line)) << statement;
  while (std::getline(in, line)) {
    std::vector<std::string> cells;
    std::istringstream parts(line);
    for (std::string cell; std::getline(parts, cell, ',');) cells.push_back(cell);
    EXPECT_EQ(cells.size(), 10u) << line;
    const bool comes = cells[4] == "pay" || cells[4] == "refund_reversed";
    EXPECT_TRUE(comes || cells[4] == "refund" || cells[4] == "pay_reversed") << line;
    net += (comes ? 1 : -1) * std::stoll(cells[5]);
  }
  return net;
}

}  // namespace

class wired_channels : public channel_orders_fixture {
 protected:
  std::string beside(const std::string& name) const { return directory.path().string() + "/" + name; }

  /// The shipped catalogue with both channels, and timers that do not keep a test waiting.
  void write_catalog() {
    support::edited_catalog edited;
    edited.replace("channels.yaml", "\nchannels:\n", channels_with_wires)
        .replace("machines.yaml", "answer_window: 30s ", "answer_window: 2s ")
        .replace("machines.yaml", "query_interval: 3min ", "query_interval: 1s ")
        .replace("machines.yaml", "submit_window: 1min ", "submit_window: 1s ");
    edited.write(beside("payments"));
  }
  void write_file(const std::string& name, const std::string& text) { std::ofstream(beside(name)) << text; }
  std::vector<std::string> settings() const {
    return {"payments.folder=" + beside("payments"), "channels.wires=" + beside("wires.yaml")};
  }

  void pay(const std::vector<order_record>& some, owner_number channel) {
    auto to = connect();
    for (const result_record& r : send(to, frame_type::create_orders, some)) EXPECT_EQ(name_of(r.code), "ok");
    std::vector<order_action_record> pays;
    for (const order_record& o : some) pays.push_back(by_channel(o, channel));
    for (const result_record& r : send(to, frame_type::act_on_orders, pays)) EXPECT_EQ(name_of(r.code), "ok");
  }
  /// Many pay and get their end, timeouts included; then as many pay and the server is killed among them.
  std::vector<order_record> pay_all(owner_number channel) {
    std::vector<order_record> made, later;
    for (int i = 0; i < orders; ++i) made.push_back(order(1, amount, recharge));
    for (int i = 0; i < orders; ++i) later.push_back(order(1, amount, recharge));
    {
      auto to = connect();
      open_all(to, 1, 0, {channel});
      pay(made, channel);
      for (const order_record& o : made) settled(to, o);
      pay(later, channel);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    server->kill_now();
    start(settings());
    made.insert(made.end(), later.begin(), later.end());
    return made;
  }

  /// Every order has an end, and our side adds up; what the channel owes us by our books.
  std::int64_t settle_all(const std::vector<order_record>& made, owner_number channel) {
    auto to = connect();
    std::int64_t paid = 0;
    for (const order_record& o : made) paid += static_cast<std::int64_t>(lo64(settled(to, o).event.order.paid_minor));
    EXPECT_GT(paid, static_cast<std::int64_t>(orders * amount / 2));
    EXPECT_LT(paid, static_cast<std::int64_t>(2 * orders * amount));
    EXPECT_EQ(balance(to, "user_available", 1), paid);
    EXPECT_EQ(balance(to, "suspense_long"), 0);
    return -balance(to, "channel_receivable", channel);
  }
};

TEST_F(wired_channels, iso8583_and_our_ledger_agree_after_silence_and_a_kill) {
  support::outside_process host({PAYLOOM_PROGRAM, "channel-sim", "iso8583", "--statement", beside("statement.csv"),
                                 "--faults", "rejected=100,unknown_moved=80,unknown_lost=80,answered_twice=50",
                                 "--faults", "latency_mean_ms=40,latency_sigma_ms=20"});
  write_catalog();
  write_file("wires.yaml", "version: 1\nwires:\n  switch: {driver: iso8583, address: \"" + host.address() +
                               "\", connections: 2, terminal: PAYL01, merchant: PAYLOOM, response_timeout_ms: 700, "
                               "reversal_repeat_ms: 200}\n");
  start(settings());
  const auto made = pay_all(switch_channel);
  const std::int64_t ours = settle_all(made, switch_channel);
  expect_verified();
  ASSERT_EQ(server->drain(), 0) << server->last_lines();
  ASSERT_EQ(host.stop(), 0);
  EXPECT_EQ(net_of(beside("statement.csv")), ours);
}

TEST_F(wired_channels, https_and_our_ledger_agree_after_silence_forgery_and_a_kill) {
  write_file("keys", "current 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
  const std::string ear = "127.0.0.1:" + std::to_string(support::free_port());
  support::outside_process acquirer(
      {PAYLOOM_PROGRAM, "channel-sim", "http", "--directory", directory.path().string(), "--key-file", beside("keys"),
       "--callback", ear, "--statement", beside("statement.csv"), "--faults",
       "rejected=100,accepted=200,accepted_rejected=50,unknown_moved=80,unknown_lost=80,callback_twice=200", "--faults",
       "forged=100,latency_mean_ms=40,latency_sigma_ms=20"});
  write_catalog();
  write_file("wires.yaml", "version: 1\nwires:\n  acquirer: {driver: http_json, address: \"" + acquirer.address() +
                               "\", connections: 50, response_timeout_ms: 700, ca_file: " + beside("ca.pem") +
                               ", key_file: " + beside("keys") + ", callback: {listen: \"" + ear +
                               "\", certificate_file: " + beside("server.pem") + ", certificate_key_file: " +
                               beside("server_key.pem") + "}}\nraw_log: {folder: " + beside("raw") + "}\n");
  start(settings());
  const auto made = pay_all(acquirer_channel);
  const std::int64_t ours = settle_all(made, acquirer_channel);
  expect_verified();
  ASSERT_EQ(server->drain(), 0) << server->last_lines();
  ASSERT_EQ(acquirer.stop(), 0);
  EXPECT_EQ(net_of(beside("statement.csv")), ours);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory.path())) {
    if (!entry.is_regular_file() || entry.path().filename() == "keys") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string all((std::istreambuf_iterator<char>(in)), {});
    EXPECT_EQ(all.find("00112233445566778899aabbccddeeff"), std::string::npos) << "a secret in " << entry.path();
  }
}

}  // namespace payloom::e2e
