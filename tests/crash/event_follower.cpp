#include "tests/crash/event_follower.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>

#include "tests/support/connect.hpp"

namespace payloom::crash {
namespace {

constexpr std::uint32_t wait_ms = 50;
constexpr int refused_max = 400;  ///< in a row, by what passes: overload above all
constexpr auto between_attempts = std::chrono::milliseconds(20);

void must(bool good) {
  if (!good) throw std::runtime_error("the file of the follower's cursor cannot be used");
}

}  // namespace

event_follower::event_follower(const std::string& cursor_path, verdict& into)
    : verdict_(into), fd_(::open(cursor_path.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0644)) {
  must(fd_ >= 0);
  keep(0);
}

event_follower::~event_follower() {
  end();
  ::close(fd_);
}

void event_follower::begin(const std::string& address) {
  ending_ = false;
  thread_ = std::thread([this, address] {
    try {
      client::blocking_connection to = support::connect(address);
      while (!ending_) page(to, wait_ms);
    } catch (const client::connection_lost&) {  // the kill
    } catch (const client::connect_failure&) {
    }
  });
}

void event_follower::end() {
  ending_ = true;
  if (thread_.joinable()) thread_.join();
}

void event_follower::catch_up(client::blocking_connection& to) {
  while (page(to, 0)) {
  }
}

bool event_follower::page(client::blocking_connection& to, std::uint32_t wait) {
  order_event_query query{};
  query.after = kept();
  query.limit = limits::order_rows_max;
  query.wait_ms = wait;
  const client::reply reply = to.call(frame_type::order_events, std::span<const order_event_query>(&query, 1));
  if (reply.code() != result_code::ok) {
    const bool passes = describe(reply.code()).klass != result_class::final && ++refused_ < refused_max;
    if (!passes) {
      verdict_.problem(verdict_.wrong, "following events is refused: " + std::string(name_of(reply.code())));
    }
    std::this_thread::sleep_for(between_attempts);
    return passes;
  }
  refused_ = 0;
  commit_seq last = query.after;
  for (const order_event_row& row : reply.rows<order_event_row>()) {
    if (row.sequence <= last) {
      verdict_.problem(verdict_.duplicated, "event " + std::to_string(row.sequence) + " came behind event " +
                                                std::to_string(last) + " (cursor " + std::to_string(query.after) + ")");
    }
    last = row.sequence;
    rows_.push_back(row);
  }
  if (reply.header.cursor < last) {
    verdict_.problem(verdict_.wrong, "a cursor that would bring events again: " + std::to_string(reply.header.cursor));
  }
  keep(reply.header.cursor);
  return (reply.header.flags & frame_flags::more) != 0;
}

void event_follower::keep(commit_seq cursor) { must(::pwrite(fd_, &cursor, sizeof cursor, 0) == sizeof cursor); }

commit_seq event_follower::kept() const {
  commit_seq cursor = 0;
  must(::pread(fd_, &cursor, sizeof cursor, 0) == sizeof cursor);
  return cursor;
}

}  // namespace payloom::crash
