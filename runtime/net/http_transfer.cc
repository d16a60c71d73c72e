// runtime/net/http_transfer.cc

#include "runtime/net/http_transfer.h"

#include <strings.h>

#include <algorithm>
#include <cctype>
#include <new>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "runtime/async/event_loop.h"

namespace interleave {
namespace {

using std::chrono::milliseconds;

// Bytes of headers, those of redirects included. Newer versions of libcurl have such a limit, too.
constexpr std::size_t kMaxHead = 256 * 1024;

// libcurl wants to be initialised once, while there are no threads: before main. Within a
// simulation it would be a part of the first run only.
const CURLcode curl_is_ready = curl_global_init(CURL_GLOBAL_DEFAULT);

// Rounded up, so that nothing ends too early, and 0 does not mean "never".
long ToMilliseconds(HttpRequest::Duration duration) {
  return static_cast<long>(std::chrono::ceil<milliseconds>(duration).count());
}

// A program in a hurry shortens the delays of its loops, and with them how long it waits for an
// answer.
HttpRequest::Duration Scaled(HttpRequest::Duration duration) {
  const EventLoop::TimePoint now = EventLoop::Clock::now();
  return EventLoop::In(duration) - now;
}

std::string Seconds(HttpRequest::Duration duration) {
  std::ostringstream text;
  text << std::chrono::duration<double>(duration).count() << " s";
  return text.str();
}

std::string Bytes(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

bool IsHttp(std::string_view url) {
  return strncasecmp(url.data(), "http://", std::min<std::size_t>(url.size(), 7)) == 0 ||
         strncasecmp(url.data(), "https://", std::min<std::size_t>(url.size(), 8)) == 0;
}

bool HasLineBreak(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

void Append(CurlList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list.release());
  list.reset(longer);
}

template <typename Value>
void Set(CURL* handle, CURLoption option, Value value) {
  if (curl_easy_setopt(handle, option, value) != CURLE_OK) throw std::bad_alloc();
}

// What no request changes: set once for a handle, which then carries many requests.
void SetForAllRequests(CURL* handle) {
  Set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  Set(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  // Connections are what the limits of a session count, so a connection has one request at a time.
  Set(handle, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  Set(handle, CURLOPT_NOSIGNAL, 1L);
  Set(handle, CURLOPT_PROXY, "");
  // A look-up that nobody waits for any more is left to its thread.
  Set(handle, CURLOPT_QUICK_EXIT, 1L);
}

}  // namespace

CurlHandle NewCurlHandle() {
  CurlHandle handle(curl_is_ready == CURLE_OK ? curl_easy_init() : nullptr);
  if (handle == nullptr) throw std::bad_alloc();
  SetForAllRequests(handle.get());
  return handle;
}

CurlList ConnectToList(const HttpOptions& options) {
  CurlList list;
  for (const auto& [host, endpoint] : options.connect_to) {
    Append(list, host + "::" + endpoint.Text());  // between the colons would be the URL's port
  }
  return list;
}

HttpTransfer::HttpTransfer(CURL* handle, HttpRequest request, curl_slist* connect_to)
    : handle_(handle), request_(std::move(request)), began_(std::chrono::steady_clock::now()) {
  Check();
  Prepare(connect_to);
}

HttpTransfer::~HttpTransfer() {
  curl_easy_setopt(handle_, CURLOPT_ERRORBUFFER, nullptr);  // it may have more to say at its end
  if (IsPlain()) return;
  curl_easy_reset(handle_);
  SetForAllRequests(handle_);
}

void HttpTransfer::Check() const {
  if (!IsHttp(request_.url)) Throw(CURLE_URL_MALFORMAT);
  const std::string where = "HttpRequest for " + request_.url + ": ";
  const bool is_word = std::all_of(request_.method.begin(), request_.method.end(),
                                   [](unsigned char c) { return std::isupper(c) != 0; });
  if (request_.method.empty() || !is_word) {
    throw std::invalid_argument(where + "the method is '" + request_.method +
                                "', it must be a word in capitals, such as GET");
  }
  if (request_.timeout <= milliseconds(0) ||
      request_.connect_timeout.value_or(request_.timeout) <= milliseconds(0)) {
    throw std::invalid_argument(where + "a time-out must be longer than 0");
  }
  if (request_.max_redirects < 0) {
    throw std::invalid_argument(where + "max_redirects is " +
                                std::to_string(request_.max_redirects) + ", it must be at least 0");
  }
  for (const auto& [name, value] : request_.headers) {
    if (name.empty() || name.find_first_of(": ;") != std::string::npos || HasLineBreak(name) ||
        HasLineBreak(value)) {
      throw std::invalid_argument(where + "'" + name + "' is no header, or has no value for one");
    }
  }
}

template <typename Value>
Value HttpTransfer::Info(CURLINFO info) const {
  Value value = {};
  curl_easy_getinfo(handle_, info, &value);
  return value;
}

void HttpTransfer::Prepare(curl_slist* connect_to) {
  Set(handle_, CURLOPT_URL, request_.url.c_str());
  Set(handle_, CURLOPT_CONNECT_TO, connect_to);
  Set(handle_, CURLOPT_FOLLOWLOCATION, long{request_.max_redirects > 0});
  Set(handle_, CURLOPT_MAXREDIRS, static_cast<long>(request_.max_redirects));
  Set(handle_, CURLOPT_HEADERFUNCTION, &HttpTransfer::OnHeader);
  Set(handle_, CURLOPT_HEADERDATA, this);
  Set(handle_, CURLOPT_WRITEFUNCTION, &HttpTransfer::OnBody);
  Set(handle_, CURLOPT_WRITEDATA, this);
  Set(handle_, CURLOPT_ERRORBUFFER, curls_words_.data());
  if (!IsPlain()) PrepareWhatIsNotPlain();
}

bool HttpTransfer::IsPlain() const {
  return request_.method == "GET" && request_.headers.empty() && request_.body.empty() &&
         request_.ca_file.empty() && !request_.connect_timeout.has_value();
}

void HttpTransfer::PrepareWhatIsNotPlain() {
  if (request_.connect_timeout.has_value()) {
    Set(handle_, CURLOPT_CONNECTTIMEOUT_MS, ToMilliseconds(Scaled(*request_.connect_timeout)));
  }
  if (!request_.ca_file.empty()) Set(handle_, CURLOPT_CAINFO, request_.ca_file.c_str());
  if (request_.method == "HEAD") {
    Set(handle_, CURLOPT_NOBODY, 1L);
  } else if (request_.method == "POST") {
    Set(handle_, CURLOPT_POST, 1L);  // becomes a GET when it is redirected
  } else if (request_.method != "GET" || !request_.body.empty()) {
    Set(handle_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }
  if (request_.method == "POST" || !request_.body.empty()) {
    Set(handle_, CURLOPT_POSTFIELDS, request_.body.data());
    Set(handle_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    Append(headers_, "Content-Type:");  // not that of a form; the request's own comes behind it
    Append(headers_, "Expect:");        // don't ask first and wait for a second
  }
  for (const auto& [name, value] : request_.headers) {
    Append(headers_, value.empty() ? name + ";" : name + ": " + value);
  }
  if (headers_ != nullptr) Set(handle_, CURLOPT_HTTPHEADER, headers_.get());
}

void HttpTransfer::SetTimeOut() {
  Set(handle_, CURLOPT_TIMEOUT_MS, ToMilliseconds(Scaled(request_.timeout)));
}

// The answer comes.

std::size_t HttpTransfer::OnHeader(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  try {
    transfer.TakeHeader(std::string_view(bytes, size * count));
    return size * count;
  } catch (...) {
    transfer.error_ = std::current_exception();
    return 0;  // which ends the transfer
  }
}

std::size_t HttpTransfer::OnBody(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  try {
    transfer.TakeBody(std::string_view(bytes, size * count));
    return size * count;
  } catch (...) {
    transfer.error_ = std::current_exception();
    return 0;
  }
}

void HttpTransfer::TakeHeader(std::string_view line) {
  head_size_ += line.size();
  if (head_size_ > kMaxHead) {
    throw HttpTooLarge(request_.url, What() + ": the headers have more than " + Bytes(kMaxHead));
  }
  if (line.starts_with("HTTP/")) {  // of a redirect's answer, or of the last one
    response_.headers.clear();
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;  // the empty line at the end
  const std::string_view space = " \t\r\n";
  std::string_view value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(space), value.size()));
  value = value.substr(0, value.find_last_not_of(space) + 1);
  response_.headers.emplace_back(line.substr(0, colon), value);
}

void HttpTransfer::OpenFile() {
  const long status = Info<long>(CURLINFO_RESPONSE_CODE);
  if (request_.to_file.empty() || file_.has_value() || status < 200 || status > 299) return;
  file_.emplace(request_.to_file);
}

void HttpTransfer::TakeBody(std::string_view bytes) {
  const curl_off_t announced = Info<curl_off_t>(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T);
  HttpProgress progress;
  if (announced >= 0) progress.total = static_cast<std::uint64_t>(announced);
  if (std::max(received_ + bytes.size(), progress.total.value_or(0)) > request_.max_body) {
    throw HttpTooLarge(request_.url,
                       What() + ": the body has " +
                           (progress.total.has_value() ? Bytes(*progress.total)
                                                       : "more than " + Bytes(request_.max_body)) +
                           ", and max_body is " + std::to_string(request_.max_body));
  }
  try {
    OpenFile();
    if (file_.has_value()) {
      file_->Write(bytes);
    } else {
      if (received_ == 0 && progress.total.has_value()) response_.body.reserve(*progress.total);
      response_.body.append(bytes);
    }
  } catch (const std::system_error& error) {
    throw HttpFileError(request_.url, What() + ": " + error.what());
  }
  received_ += bytes.size();
  progress.received = received_;
  if (request_.on_progress != nullptr) request_.on_progress(progress);
}

// The end.

HttpResponse HttpTransfer::Finish(CURLcode code) {
  if (error_ != nullptr) std::rethrow_exception(error_);
  if (code != CURLE_OK) Throw(code);
  response_.status = static_cast<int>(Info<long>(CURLINFO_RESPONSE_CODE));
  try {
    OpenFile();  // of no bytes
    if (file_.has_value()) file_->Commit();
  } catch (const std::system_error& error) {
    throw HttpFileError(request_.url, What() + ": " + error.what());
  }
  response_.url = Info<const char*>(CURLINFO_EFFECTIVE_URL);
  response_.elapsed = std::chrono::steady_clock::now() - began_;
  return std::move(response_);
}

std::string HttpTransfer::What() const {
  std::string what = request_.method + " " + request_.url;
  if (Info<long>(CURLINFO_REDIRECT_COUNT) > 0) {
    what += std::string(" (redirected to ") + Info<const char*>(CURLINFO_EFFECTIVE_URL) + ")";
  }
  return what;
}

std::string HttpTransfer::Progress() const {
  if (Info<curl_off_t>(CURLINFO_PRETRANSFER_TIME_T) == 0) return "there was no connection yet";
  if (Info<long>(CURLINFO_RESPONSE_CODE) == 0) return "nothing had come";
  const curl_off_t announced = Info<curl_off_t>(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T);
  return Bytes(received_) + (announced >= 0 ? " of " + std::to_string(announced) : "") +
         " had come";
}

void HttpTransfer::ThrowTimedOut() const {
  throw HttpTimedOut(request_.url, What() + ": no complete answer within " +
                                       Seconds(request_.timeout) + ", " + Progress());
}

void HttpTransfer::ThrowClosed() const {
  throw HttpSessionClosed(request_.url, What() + ": the session was closed, " + Progress());
}

void HttpTransfer::Throw(CURLcode code) const {
  const std::string& url = request_.url;
  const std::string what = What() + ": ";
  const long system_error = Info<long>(CURLINFO_OS_ERRNO);
  const std::string reason =
      system_error == 0 ? ""
                        : ": " + std::generic_category().message(static_cast<int>(system_error));
  switch (code) {
    case CURLE_URL_MALFORMAT:
      throw HttpBadUrl(url, what + "that is no URL of http:// or https://");
    case CURLE_UNSUPPORTED_PROTOCOL:
      if (!IsHttp(Info<const char*>(CURLINFO_EFFECTIVE_URL))) Throw(CURLE_URL_MALFORMAT);
      [[fallthrough]];
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
      throw HttpBadAnswer(url, what + "what the server sent is no HTTP");
    case CURLE_COULDNT_RESOLVE_HOST:
      throw HttpNameError(url, what + "the host's name does not resolve");
    case CURLE_COULDNT_CONNECT:
      throw HttpConnectError(url, what + "cannot connect" + reason);
    case CURLE_OPERATION_TIMEDOUT:
      if (Info<curl_off_t>(CURLINFO_PRETRANSFER_TIME_T) != 0 ||
          !request_.connect_timeout.has_value() || request_.timeout <= *request_.connect_timeout) {
        ThrowTimedOut();
      }
      throw HttpTimedOut(url, what + "no connection within " + Seconds(*request_.connect_timeout));
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      throw HttpConnectionLost(url, what + "the connection was closed, " + Progress());
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      throw HttpConnectionLost(url, what + "the connection was lost" + reason + ", " + Progress());
    case CURLE_TOO_MANY_REDIRECTS:
      throw HttpTooManyRedirects(
          url, what + "more than " + std::to_string(request_.max_redirects) + " redirects");
    case CURLE_SSL_CACERT_BADFILE:
      throw HttpTlsError(url, what + "'" + request_.ca_file + "' holds no certificates to trust");
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
      throw HttpTlsError(url, what + curls_words_.data());
    default:
      throw HttpError(url, what + curl_easy_strerror(code));
  }
}

}  // namespace interleave
