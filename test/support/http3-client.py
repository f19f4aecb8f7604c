"""A client of HTTP/3 for tests: reads one command a line (JSON) from standard input, writes one answer a line.

Commands: open, ask, half, give up, ticket, ended, close, initials; `test/support/http3.ts` has their members. Answers carry the `id` of the command, and what was
asked for or `error`. Many connections and requests may be under way at a time. Ends with its input.
"""

import asyncio
import base64
import hashlib
import json
import ssl
import sys
import tempfile

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import ConnectionTerminated, HandshakeCompleted, StreamReset
from cryptography.hazmat.primitives.serialization import Encoding

PATIENCE_SECONDS = 30


class Client(QuicConnectionProtocol):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.http = H3Connection(self._quic)
        self.answers = {}
        self.ended = None
        self.opened = asyncio.get_running_loop().create_future()
        self.ticket = None
        self.resumed = False

    def quic_event_received(self, event):
        if isinstance(event, HandshakeCompleted):
            self.resumed = event.session_resumed
            if not self.opened.done():
                self.opened.set_result(None)
        elif isinstance(event, ConnectionTerminated):
            self.end(f"closed: 0x{event.error_code:x} {event.reason_phrase}")
        elif isinstance(event, StreamReset) and event.stream_id in self.answers:
            self.fail(event.stream_id, f"reset: 0x{event.error_code:x}")
        for happened in self.http.handle_event(event):
            self.happened(happened)

    def datagram_received(self, data, addr):
        # RFC 9000, 10.3.1, which aioquic leaves out.
        known = [self._quic._peer_cid, *self._quic._peer_cid_available]
        if data[-16:] in [cid.stateless_reset_token for cid in known if cid.stateless_reset_token]:
            self.end("stateless reset")
        else:
            super().datagram_received(data, addr)

    def happened(self, event):
        if not isinstance(event, (HeadersReceived, DataReceived)) or event.stream_id not in self.answers:
            return
        answer = self.answers[event.stream_id]
        if isinstance(event, HeadersReceived):
            answer["headers"] += [[name.decode("latin1"), value.decode("latin1")] for name, value in event.headers]
        else:
            answer["body"] += event.data
        if event.stream_ended:
            del self.answers[event.stream_id]
            answer["over"].set_result(answer)

    def end(self, why):
        self.ended = why
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(why))
        for stream in list(self.answers):
            self.fail(stream, why)

    def fail(self, stream, why):
        over = self.answers.pop(stream)["over"]
        if not over.done():
            over.set_exception(ConnectionError(why))

    def begin(self, headers, body):
        if self.ended is not None:
            raise ConnectionError(self.ended)
        stream = self._quic.get_next_available_stream_id()
        over = asyncio.get_running_loop().create_future()
        self.answers[stream] = {"headers": [], "body": b"", "over": over}
        fields = [(name.encode("latin1"), value.encode("latin1")) for name, value in headers]
        self.http.send_headers(stream, fields, end_stream=body == "")
        if body:
            self.http.send_data(stream, body.encode("latin1"), end_stream=True)
        self.transmit()
        return stream, over

    async def ask(self, headers, body):
        _, over = self.begin(headers, body)
        answer = await asyncio.wait_for(over, PATIENCE_SECONDS)
        return {"headers": answer["headers"], "body": answer["body"].decode("latin1")}

    def half(self, headers):
        """Begins a request with a body, and gives it up."""
        stream, over = self.begin(headers, None)
        over.add_done_callback(lambda done: done.exception())
        return stream

    def give_up(self, headers, count, finished):
        """Begins requests and gives each up in the datagram that it comes with: both ways where it was not finished."""
        fields = [(name.encode("latin1"), value.encode("latin1")) for name, value in headers]
        for _ in range(count):
            stream = self._quic.get_next_available_stream_id()
            self.http.send_headers(stream, fields, end_stream=finished)
            self._quic.stop_stream(stream, 0x10C)
            if not finished:
                self._quic.reset_stream(stream, 0x10C)
            self.transmit()


connections = {}
tickets = {}


def configure(command):
    configuration = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN, verify_mode=ssl.CERT_NONE)
    configuration.server_name = command.get("serverName") or None
    if "chain" in command:
        with tempfile.NamedTemporaryFile("w") as chain, tempfile.NamedTemporaryFile("w") as key:
            chain.write(command["chain"])
            chain.flush()
            key.write(command["key"])
            key.flush()
            configuration.load_cert_chain(chain.name, key.name)
    if "resume" in command:
        configuration.session_ticket = tickets[command["resume"]]
    return configuration


async def connect(command):
    def keep(ticket):
        made.ticket = ticket

    loop = asyncio.get_running_loop()
    host = command.get("host", "127.0.0.1")
    local = (command.get("from", "::1" if ":" in host else "127.0.0.1"), 0)
    made = None

    def create():
        return Client(QuicConnection(configuration=configure(command), session_ticket_handler=keep))

    _, made = await loop.create_datagram_endpoint(create, local_addr=local)
    made.connect((host, command["port"]))
    try:
        await asyncio.wait_for(made.opened, PATIENCE_SECONDS)
    except BaseException:
        made._transport.close()
        raise
    return made


async def open_connection(command):
    made = await connect(command)
    connections[command["connection"]] = made
    certificate = made._quic.tls._peer_certificate
    fingerprint = "" if certificate is None else hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
    return {"resumed": made.resumed, "retried": made._quic._retry_source_connection_id is not None, "certificate": fingerprint}


async def run(command):
    what = command["do"]
    if what == "open":
        return await open_connection(command)
    if what == "initials":
        return await send_initials(command)
    connection = connections[command["connection"]]
    if what == "ask":
        return await connection.ask(command["headers"], command.get("body", ""))
    if what == "half":
        stream = connection.half(command["headers"])
        if command.get("reset"):
            await asyncio.sleep(0)
            connection._quic.reset_stream(stream, 0x10C)
            connection.transmit()
        return {}
    if what == "give up":
        connection.give_up(command["headers"], command["count"], command["finished"])
        return {}
    if what == "ticket":
        ticket = connection.ticket
        if ticket is None:
            return {"early": -1}
        tickets[command["connection"]] = ticket
        return {"early": ticket.max_early_data_size or 0}
    if what == "ended":
        return {"ended": connection.ended}
    if what == "close":
        connections.pop(command["connection"])
        connection.close()
        connection._transport.close()
        return {}
    raise ValueError(what)


class Counter(asyncio.DatagramProtocol):
    def __init__(self):
        self.datagrams = 0
        self.bytes = 0
        self.retries = 0

    def datagram_received(self, data, _):
        self.datagrams += 1
        self.bytes += len(data)
        # A long header of type 3 (RFC 9000, 17.2.5).
        self.retries += data[0] & 0xF0 == 0xF0


async def send_initials(command):
    """First datagrams of connections that nobody goes on with, all from one address."""
    loop = asyncio.get_running_loop()
    transport, counter = await loop.create_datagram_endpoint(Counter, remote_addr=("127.0.0.1", command["port"]))
    sent = 0
    for number in range(command["count"]):
        quic = QuicConnection(configuration=configure({"serverName": command["serverName"]}))
        quic.connect(("127.0.0.1", command["port"]), now=loop.time())
        for datagram, _ in quic.datagrams_to_send(now=loop.time()):
            transport.sendto(datagram)
            sent += len(datagram)
        if number % 8 == 0:
            await asyncio.sleep(0.001)
    for _ in range(300):
        if counter.datagrams >= command["count"]:
            break
        await asyncio.sleep(0.01)
    transport.close()
    return {"sent": sent, "received": counter.bytes, "datagrams": counter.datagrams, "retries": counter.retries}


async def answer(line):
    command = json.loads(line)
    try:
        said = await run(command)
    except BaseException as error:  # every failure is an answer
        said = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps({"id": command["id"], **said}), flush=True)


async def main():
    reader = asyncio.StreamReader(limit=64 * 1024 * 1024)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks = set()
    while line := await reader.readline():
        task = asyncio.create_task(answer(line))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


asyncio.run(main())
