// tests/net/tls_server.cc

#include "tests/net/tls_server.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <csignal>
#include <utility>

namespace interleave {
namespace {

// Signed with its own key, for an hour. Returns it in PEM; the context has it and the key.
std::string MakeCertificate(SSL_CTX* context, const std::string& name) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  X509V3_CTX v3;
  X509V3_set_ctx(&v3, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, &v3, NID_subject_alt_name, ("DNS:" + name).c_str());
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  EXPECT_GT(X509_sign(certificate, key, EVP_sha256()), 0);

  EXPECT_EQ(SSL_CTX_use_certificate(context, certificate), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(context, key), 1);
  BIO* text = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(text, certificate);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(text, &bytes);
  std::string pem(bytes, static_cast<std::size_t>(size));
  BIO_free(text);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return pem;
}

}  // namespace

TlsServer::TlsServer(const std::string& name, Handler handler)
    : context_(SSL_CTX_new(TLS_server_method())),
      certificate_(MakeCertificate(context_.get(), name)) {
  server_ = std::make_unique<RawServer>([this, handler = std::move(handler)](Peer& peer) {
    // What OpenSSL writes to a client that is gone. Only here: the client itself must do without.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    const std::unique_ptr<SSL, SslDeleter> connection(SSL_new(context_.get()));
    SSL_set_fd(connection.get(), peer.fd());
    if (SSL_accept(connection.get()) == 1) handler(connection.get(), peer);
  });
}

std::string TlsRequest(SSL* connection) {
  std::string request;
  char byte;
  while (!request.ends_with("\r\n\r\n")) {
    if (SSL_read(connection, &byte, 1) != 1) return "";
    request += byte;
  }
  return request;
}

void TlsAnswer(SSL* connection, const std::string& body) {
  const std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  SSL_write(connection, answer.data(), static_cast<int>(answer.size()));
}

}  // namespace interleave
