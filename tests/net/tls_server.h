// tests/net/tls_server.h
//
// A server that speaks TLS, with a certificate made a moment ago, which nobody has signed.

#ifndef INTERLEAVE_TESTS_NET_TLS_SERVER_H_
#define INTERLEAVE_TESTS_NET_TLS_SERVER_H_

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <string>

#include "tests/net/raw_server.h"

namespace interleave {

struct SslDeleter {
  void operator()(SSL* connection) const { SSL_free(connection); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

class TlsServer {
 public:
  // After the handshake, with the connection. `name` is the host that the certificate is for.
  using Handler = std::function<void(SSL*, Peer&)>;
  TlsServer(const std::string& name, Handler handler);

  Endpoint endpoint() const { return server_->endpoint(); }
  // The certificate in PEM: who trusts it can talk to this server.
  const std::string& certificate() const { return certificate_; }

 private:
  const std::unique_ptr<SSL_CTX, SslDeleter> context_;
  std::string certificate_;
  std::unique_ptr<RawServer> server_;
};

// The head of the next request; empty if the client has closed.
std::string TlsRequest(SSL* connection);
void TlsAnswer(SSL* connection, const std::string& body);

}  // namespace interleave

#endif  // INTERLEAVE_TESTS_NET_TLS_SERVER_H_
