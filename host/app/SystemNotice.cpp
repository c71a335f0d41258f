#include "host/app/SystemNotice.h"

#include <Poco/Exception.h>
#include <Poco/Net/DatagramSocket.h>

namespace tenon::host {

void SystemNotice::send(std::string_view notice) {
  if (socket_.empty()) return;
  try {
    const Poco::Net::SocketAddress manager(socket_);
    Poco::Net::DatagramSocket socket(manager.family());
    socket.setBlocking(false);
    socket.sendTo(notice.data(), static_cast<int>(notice.size()), manager);
  } catch (const Poco::Exception& fault) {
    if (!complained_.exchange(true)) log_.warning("NOTIFY_SOCKET " + socket_ + ": " + fault.displayText());
  }
}

}  // namespace tenon::host
