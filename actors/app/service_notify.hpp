#pragma once
// Tells the service manager where the server is (systemd's notify protocol: one datagram to $NOTIFY_SOCKET).
#include <string_view>

namespace payloom::app {

/// Sends `state` ("READY=1", ...). Does nothing when no manager asked for it.
void notify_service(std::string_view state);

}  // namespace payloom::app
