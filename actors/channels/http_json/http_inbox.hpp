#pragma once
// HTTP/1.1 messages out of bytes as they come. Beast's parser does the syntax; here are the bounds, and the few headers
// that matter. No allocation for a header that does not.
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "actors/channels/http_json/http_messages.hpp"

namespace payloom::http_json {

inline constexpr std::uint32_t http_head_bytes_max = 8 * 1024;  ///< start line and headers; more: bad

/// A message that is complete.
struct http_message {
  unsigned status = 0;         ///< responses
  std::string method, target;  ///< requests
  std::string key_id, timestamp, signature;
  std::string body;
  bool keeps_alive = false;
};

template <bool is_request>
class http_inbox {
 public:
  enum class state : std::uint8_t { more, complete, bad };

  /// Bytes that came. At most a message's head and body are kept.
  void add(std::string_view bytes) { kept_ += bytes; }
  /// Goes on; a complete message stays until the next call.
  state next() {
    if (!parser_.has_value()) {
      message_.body.clear();
      message_.key_id.clear();
      message_.timestamp.clear();
      message_.signature.clear();
      parser_.emplace(message_);
    }
    std::size_t used = 0;
    while (used < kept_.size() && !parser_->is_done()) {
      boost::beast::error_code error;
      const std::size_t n = parser_->put(boost::asio::buffer(kept_.data() + used, kept_.size() - used), error);
      used += n;
      if (error == boost::beast::http::error::need_more) break;
      if (error) return state::bad;
      if (n == 0) break;
    }
    kept_.erase(0, used);
    if (!parser_->is_done()) return kept_.size() > http_head_bytes_max ? state::bad : state::more;
    message_.keeps_alive = parser_->keep_alive();
    parser_.reset();
    return state::complete;
  }
  const http_message& message() const { return message_; }
  /// Bytes behind the message.
  std::size_t rest_bytes() const { return kept_.size(); }

 private:
  class parser final : public boost::beast::http::basic_parser<is_request> {
   public:
    explicit parser(http_message& out) : out_(out) {
      this->eager(true);
      this->header_limit(http_head_bytes_max);
      this->body_limit(body_bytes_max);
    }

   private:
    using text = boost::beast::string_view;
    using code = boost::beast::error_code;
    static std::string_view view(text t) { return {t.data(), t.size()}; }

    void on_request_impl(boost::beast::http::verb, text method, text target, int, code&) override {
      out_.method = view(method);
      out_.target = view(target);
    }
    void on_response_impl(int status, text, int, code&) override { out_.status = static_cast<unsigned>(status); }
    void on_field_impl(boost::beast::http::field field, text name, text value, code&) override {
      if (field != boost::beast::http::field::unknown) return;
      std::string* to = boost::beast::iequals(name, "X-Signature")   ? &out_.signature
                        : boost::beast::iequals(name, "X-Key-Id")    ? &out_.key_id
                        : boost::beast::iequals(name, "X-Timestamp") ? &out_.timestamp
                                                                     : nullptr;
      if (to != nullptr) *to = view(value);
    }
    void on_header_impl(code& error) override {
      // A response that ends with its connection cannot be told from one that was cut.
      if (!is_request && this->need_eof()) error = boost::beast::http::error::bad_transfer_encoding;
    }
    void on_body_init_impl(boost::optional<std::uint64_t> const&, code&) override {}
    std::size_t on_body_impl(text body, code&) override {
      out_.body += view(body);
      return body.size();
    }
    void on_chunk_header_impl(std::uint64_t, text, code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, text body, code&) override {
      out_.body += view(body);
      return body.size();
    }
    void on_finish_impl(code&) override {}

    http_message& out_;
  };

  http_message message_;
  std::optional<parser> parser_;
  std::string kept_;
};

}  // namespace payloom::http_json
