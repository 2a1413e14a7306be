#pragma once
// One connection of https_server.
#include <chrono>

#include "actors/channels/http_json/https_server.hpp"
#include "actors/channels/http_json/tls_link.hpp"

namespace payloom::http_json {

class https_session final : public tls_link {
 public:
  https_session(https_server& server, std::size_t at);
  void answer(std::uint64_t number, unsigned status, std::string_view body);
  void cut(std::uint64_t number, std::string_view half_a_body);
  void leave();

  std::size_t place;
  std::chrono::steady_clock::time_point since;  ///< of the newest request or response
  bool busy() const { return busy_; }

 private:
  void on_open() override {}
  void on_bytes(std::string_view bytes) override;
  void on_closed() override;
  void take();

  https_server* server_;
  http_inbox<true> inbox_;
  std::string out_;
  std::uint64_t number_ = 0;  ///< of the request that waits
  bool busy_ = false;
  bool taking_ = false;
};

}  // namespace payloom::http_json
