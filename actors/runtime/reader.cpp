#include "actors/runtime/reader.hpp"

namespace payloom::actors {

reader::reader(caf::actor_config& config, wiring& w, reader_functions functions)
    : reader_actor::base(config), wiring_(w), functions_(std::move(functions)) {}

reader::behavior_type reader::make_behavior() {
  set_exception_handler(stop_process);
  return {[this](const reader_mail_ptr& mail) { work(*mail); }};
}

void reader::work(reader_mail& mail) {
  if (!mail.loads.empty()) {
    auto answers = functions_.events(mail.loads);
    PAYLOOM_ASSERT(answers.size() == mail.loads.size());
    auto reply = std::make_shared<order_mail>();
    for (std::size_t i = 0; i < answers.size(); ++i)
      reply->loaded.emplace_back(mail.loads[i].token, std::move(answers[i]));
    send(wiring_.orders[mail.order_shard], std::move(reply));
  }
  if (!mail.created_before.empty()) {
    auto reply = std::make_shared<account_mail>();
    for (const core::plain_slip& s : mail.created_before) {
      const auto& a = reinterpret_cast<const account_record*>(s.frame->records)[s.index()];
      reply->loaded.push_back(functions_.creation(s.frame->header.tenant, a.id));
      reply->loaded.back().slip = s;
    }
    send(wiring_.accounts[mail.account_shard], std::move(reply));
  }
}

}  // namespace payloom::actors
