#pragma once
// A data directory, the real server on it, and the few requests that every test here makes.
#include <gtest/gtest.h>

#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "protocol/client/id_generator.hpp"
#include "protocol/types/records.hpp"
#include "tests/support/connect.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temporary_directory.hpp"

namespace payloom::e2e {

inline constexpr ledger_id euro = 978;

class ledger_fixture : public ::testing::Test {
 protected:
  void TearDown() override {
    if (HasFailure() && server) std::cerr << "the server's last lines:\n" << server->last_lines() << "\n";
  }
  /// Starts the server on this test's directory and waits until it listens. Small segments unless `set` says otherwise.
  void start(std::vector<std::string> set = {}, std::vector<std::string> arguments = {}) {
    set.insert(set.begin(), {"storage.segment_bytes=16MiB", "accounts.max=100000"});
    support::server_process::settings how;
    how.program = PAYLOOM_PROGRAM;
    how.directory = data();
    how.set = std::move(set);
    how.arguments = std::move(arguments);
    server = std::make_unique<support::server_process>(how);
    address = server->wait_listening();
  }
  void drain_and_start(std::vector<std::string> set = {}) {
    ASSERT_EQ(server->drain(), 0) << server->last_lines();
    start(std::move(set));
  }
  std::string data() const { return directory.path().string() + "/data"; }

  client::blocking_connection connect(bool shadow = false) const { return support::connect(address, shadow); }

  account_record account(std::uint16_t flags = 0) {
    account_record a{};
    a.id = ids.account();
    a.ledger = euro;
    a.code = 1;
    a.flags = flags;
    return a;
  }
  transfer_record transfer(account_id debit, account_id credit, u128 amount, std::uint16_t flags = 0) {
    transfer_record t{};
    t.id = ids.transfer();
    t.debit_account = debit;
    t.credit_account = credit;
    t.amount_minor = amount;
    t.ledger = euro;
    t.code = 1;
    t.flags = flags;
    return t;
  }

  template <class Record>
  static std::vector<result_record> send(client::blocking_connection& to, frame_type type,
                                         const std::vector<Record>& records) {
    const client::reply reply = to.call(type, std::span<const Record>(records));
    EXPECT_EQ(name_of(reply.code()), "ok");
    const auto rows = reply.rows<result_record>();
    EXPECT_EQ(rows.size(), records.size());
    std::vector<result_record> out(rows.begin(), rows.end());
    out.resize(records.size());
    return out;
  }
  static result_record send_one(client::blocking_connection& to, const transfer_record& t) {
    return send(to, frame_type::create_transfers, std::vector<transfer_record>{t}).front();
  }
  /// Opens accounts that nothing limits.
  std::vector<account_id> open(client::blocking_connection& to, std::size_t count, std::uint16_t flags = 0) {
    std::vector<account_record> records;
    std::vector<account_id> out;
    for (std::size_t i = 0; i < count; ++i) {
      records.push_back(account(flags));
      out.push_back(records.back().id);
    }
    for (const result_record& r : send(to, frame_type::create_accounts, records)) EXPECT_EQ(name_of(r.code), "ok");
    return out;
  }
  static account_row show(client::blocking_connection& to, account_id id) {
    return one_row<account_row>(to, frame_type::balances_at, id.value);
  }
  static transfer_row show(client::blocking_connection& to, transfer_id id) {
    return one_row<transfer_row>(to, frame_type::lookup_transfers, id.value);
  }
  template <class Row>
  static Row one_row(client::blocking_connection& to, frame_type look_up, u128 id) {
    const id_record asked{id};
    const client::reply reply = to.call(look_up, std::span<const id_record>(&asked, 1));
    EXPECT_EQ(name_of(reply.code()), "ok");
    const auto rows = reply.rows<Row>();
    EXPECT_EQ(rows.size(), 1u);
    return rows.empty() ? Row{} : rows.front();
  }
  /// One verb of the binary against this server.
  support::program_result verb(std::vector<std::string> words, bool with_address = true) const {
    words.insert(words.begin(), PAYLOOM_PROGRAM);
    if (with_address) words.insert(words.end(), {"--address", address});
    return support::run_program(words);
  }
  void expect_verified() const {
    const auto said = verb({"verify"});
    EXPECT_EQ(said.exit_code, 0) << said.out << said.err;
  }

  support::temporary_directory directory{"payloom-e2e"};
  std::unique_ptr<support::server_process> server;
  std::string address;
  client::id_generator ids;
};

}  // namespace payloom::e2e
