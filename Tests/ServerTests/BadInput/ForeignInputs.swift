// What reaches the port from programs that mean somebody else: browsers, TLS, and whoever scans a network.

extension BadInput {
  private static let http: Sent = "ERROR this is not an HTTP server: requests are lines such as GET key\n"
  private static let tls: Sent = "ERROR TLS is not spoken here: connect without it\n"

  static let browsers: [BadInput] = [
    .lines("a browser", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\nPUT evil 1\r\n", http, .closes),
    .lines("a form that is posted", "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nPUT evil 1\r\n", http, .closes),
    .lines("a PUT of HTTP", "PUT /k HTTP/1.1\r\n\r\nPUT evil 1\r\n", http, .closes),
    .lines("a DELETE of HTTP", "DELETE /k HTTP/1.0\r\n\r\n", http, .closes),
    .lines("HTTP in small letters", "get / http/1.1\r\n\r\n", http, .closes),
    .lines("HTTP with spaces at the end", "GET / HTTP/1.1 \t\r\n\r\n", http, .closes),
    .lines("HTTP behind empty lines", "\r\n\nGET / HTTP/1.1\r\n\r\n", http, .closes),
    .lines("HTTP behind spaces", "  GET / HTTP/1.1\r\n\r\n", http, .closes),
    .lines("a WebSocket", "GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", http, .closes),
    .lines("a proxy's CONNECT", "CONNECT a.example:443 HTTP/1.1\r\n\r\n", http, .closes),
    .lines(
      "a Host header behind something else", "POST /\r\nhOsT: x\r\nPUT evil 1\r\n", unknown("POST", "PUT") + http,
      .closes),
    .lines("a Host header first", "Host: x\r\nPUT evil 1\r\n", http, .closes),
    .lines("HTTP 0.9", "GET /\r\n", "ERROR key not found\n"),
    .lines("HTTP 2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", unknown("PRI", "PUT") + unknown("SM", "SET")),
    .lines("a value that looks like HTTP", "PING\nPUT k GET / HTTP/1.1\n", "PONG\nOK\n", keys: 1),
    .lines("a first value that looks like HTTP", "PUT k GET / HTTP/1.1\n", http, .closes),
    .lines("half a line of HTTP", "GET / HTTP/1.1", "", .waits),
  ]

  static let otherProtocols: [BadInput] = [
    .lines("a TLS hello", .raw(0x16, 0x03, 0x01, 0x02, 0x00, 0x01) + "\nPUT evil 1\n", tls, .closes),
    .lines("the first two bytes of a TLS hello", .raw(0x16, 0x03), tls, .closes),
    .lines("the first byte of a TLS hello alone", .raw(0x16), "", .waits),
    .lines("a first byte as of TLS", .raw(0x16) + "PING\n", unknown("\\x16PING", "PING")),
    .lines(
      "a TLS hello behind a request", "PING\n" + .raw(0x16, 0x03, 0x01) + "\n", "PONG\n" + unknown("\\x16\\x03\\x01")),
    .lines("an SSL 2 hello", .raw(0x80, 0x2E, 0x01, 0x00, 0x02), "", .waits),
    .lines("SSH", "SSH-2.0-OpenSSH_9.2\r\n", unknown("SSH-2.0-OpenSSH_9.2")),
    .lines(
      "telnet's options", .raw(0xFF, 0xFB, 0x1F, 0xFF, 0xFD, 0x03) + "\r\n", unknown("\\xff\\xfb\\x1f\\xff\\xfd\\x03")),
    .lines(
      "telnet's interrupt", .raw(0xFF, 0xF4, 0xFF, 0xFD, 0x06) + "PING\r\n", unknown("\\xff\\xf4\\xff\\xfd\\x06PING")),
    .lines("telnet's bare CR", "PING\r\0", "", .waits),
    .lines("memcached's storage", "set k 0 0 5\r\n12345\r\n", "ERROR syntax error\n" + unknown("12345")),
    .lines("memcached's retrieval", "get a b\r\n", "ERROR GET takes a key: GET key\n"),
    .lines("SMTP", "EHLO mail\r\n", unknown("EHLO", "ECHO")),
    .lines("FTP", "USER anonymous\r\n", unknown("USER", "SET")),
    .lines("SIP", "OPTIONS sip:x SIP/2.0\r\n", unknown("OPTIONS")),
    .lines("SOCKS 5", .raw(0x05, 0x01, 0x00), "", .waits),
    .lines("MQTT", .raw(0x10, 0x0C, 0x00, 0x04) + "MQTT" + .raw(0x04, 0x02, 0x00, 0x3C), "", .waits),
    .lines("PostgreSQL", .raw(0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F), "", .waits),
    .lines("SMB", .raw(0, 0, 0, 0x85, 0xFF) + "SMBr", "", .waits),
    .lines("a proxy's header", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nPING\r\n", unknown("PROXY") + "PONG\n"),
    .lines("a proxy's header of version 2", "\r\n\r\n\0\r\nQUIT\n!", unknown("\\x00") + "OK\n", .closes),
    .lines("a shell script", "#!/bin/sh\nPING\n", unknown("#!/bin/sh") + "PONG\n"),
    .lines("RESP behind a line", "PING\n*1\r\n$4\r\nPING\r\n", "PONG\n" + unknown("*1") + unknown("$4") + "PONG\n"),
    .lines("a length first", "$4\r\nPING\r\n", unknown("$4") + "PONG\n"),
  ]
}
