#include "actors/app/service_notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace payloom::app {

void notify_service(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path == nullptr || path[0] == 0 || std::strlen(path) >= sizeof to.sun_path) return;
  std::memcpy(to.sun_path, path, std::strlen(path));
  if (to.sun_path[0] == '@') to.sun_path[0] = 0;  // an abstract socket
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  // Nothing to be done when the manager does not listen.
  [[maybe_unused]] const auto sent =
      sendto(fd, state.data(), state.size(), 0, reinterpret_cast<const sockaddr*>(&to), length);
  close(fd);
}

}  // namespace payloom::app
