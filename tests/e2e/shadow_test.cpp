// The shadow partition: a second address and directory in one process; frames must say which one they mean.
#include "tests/e2e/ledger_fixture.hpp"

namespace payloom::e2e {

class shadow : public ledger_fixture {
 protected:
  void start_both() {
    start({"shadow.listen=127.0.0.1:0", "shadow.directory=" + directory.path().string() + "/shadow"});
    while (server->addresses().size() < 2 && server->running()) std::this_thread::yield();
    ASSERT_EQ(server->addresses().size(), 2u) << server->last_lines();
    main_ = server->addresses()[0];
    shadow_ = server->addresses()[1];
  }
  void use(const std::string& where) { address = where; }

  std::string main_, shadow_;
};

TEST_F(shadow, a_handshake_for_the_other_partition_is_refused) {
  start_both();
  use(main_);
  EXPECT_NO_THROW(connect(false));
  EXPECT_THROW(connect(true), client::connect_failure);
  use(shadow_);
  EXPECT_NO_THROW(connect(true));
  EXPECT_THROW(connect(false), client::connect_failure);
  EXPECT_EQ(connect(true).welcome().shadow, 1u);
}

TEST_F(shadow, the_two_share_no_account_and_no_id) {
  start_both();
  use(main_);
  auto real = connect(false);
  use(shadow_);
  auto shade = connect(true);
  std::vector<account_record> records{account(), account()};
  for (auto* to : {&real, &shade}) {
    for (const result_record& r : send(*to, frame_type::create_accounts, records)) EXPECT_EQ(name_of(r.code), "ok");
  }
  const transfer_record t = transfer(records[0].id, records[1].id, 9);
  const result_record first = send_one(shade, t);
  EXPECT_EQ(name_of(first.code), "ok");
  EXPECT_EQ(lo64(show(real, records[0].id).counters.debits_posted), 0u);
  const result_record second = send_one(real, t);
  EXPECT_EQ(name_of(second.code), "ok");
  EXPECT_EQ(second.flags & result_flags::replayed, 0);
  EXPECT_EQ(lo64(show(shade, records[0].id).counters.debits_posted), 9u);
}

TEST_F(shadow, a_shadow_directory_stays_shadow) {
  start_both();
  server->kill_now();
  support::server_process wrong({PAYLOOM_PROGRAM, directory.path().string() + "/shadow", {}, {}});
  EXPECT_EQ(wrong.wait_end(), 1);
  EXPECT_EQ(wrong.address(), "");
}

TEST_F(shadow, both_end_at_sigterm) {
  start_both();
  EXPECT_EQ(server->drain(), 0) << server->last_lines();
}

TEST_F(shadow, both_survive_a_kill) {
  start_both();
  std::vector<account_record> records{account(), account()};
  for (const bool is_shadow : {false, true}) {
    use(is_shadow ? shadow_ : main_);
    auto to = connect(is_shadow);
    send(to, frame_type::create_accounts, records);
    EXPECT_EQ(name_of(send_one(to, transfer(records[0].id, records[1].id, is_shadow ? 7 : 3)).code), "ok");
  }
  server->kill_now();
  start_both();
  for (const bool is_shadow : {false, true}) {
    use(is_shadow ? shadow_ : main_);
    auto to = connect(is_shadow);
    EXPECT_EQ(lo64(show(to, records[0].id).counters.debits_posted), is_shadow ? 7u : 3u);
  }
}

}  // namespace payloom::e2e
