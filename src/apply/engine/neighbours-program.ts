/**
 * The Lua of `createNeighbours`. A question is a list of addresses, an answer a list of conflicts or an error.
 *
 * One packet socket for ARP and one for neighbour discovery, on each interface. All frames that wait are read before any is
 * answered, conflicts first: a process that was stopped and goes on finds that another has the address before it answers
 * what was asked meanwhile.
 *
 * Sources: packet(7); RFC 826, RFC 5227 (announcements, conflicts), RFC 4861 sections 4.3, 4.4 and 7.2.
 */
export const program = `
  local ffi, bit, cjson = require "ffi", require "bit", require "cjson"
  ffi.cdef [[
    int socket(int domain, int type, int protocol);
    int bind(int fd, const void *address, unsigned int length);
    int setsockopt(int fd, int level, int name, const void *value, unsigned int length);
    long recvfrom(int fd, void *buffer, unsigned long length, int flags, void *address, unsigned int *size);
    long send(int fd, const void *buffer, unsigned long length, int flags);
    long read(int fd, void *buffer, unsigned long length);
    int close(int fd);
    char *strerror(int number);
    unsigned int if_nametoindex(const char *name);
    int inet_pton(int family, const char *text, void *address);
    struct fairlead_poll { int fd; short events; short revents; };
    int poll(struct fairlead_poll *list, unsigned long count, int milliseconds);
    struct fairlead_link { unsigned short family, protocol; int index; unsigned short kind; unsigned char type, length, address[8]; };
    struct fairlead_members { int index; unsigned short type, length; unsigned char address[8]; };
    struct fairlead_filter { unsigned short code; unsigned char yes, no; unsigned int k; };
    struct fairlead_filters { unsigned short length; struct fairlead_filter *list; };
    struct fairlead_time { long seconds, nanoseconds; };
    int clock_gettime(int clock, struct fairlead_time *time);
  ]]
  local C = ffi.C
  local AF_INET, AF_INET6, AF_PACKET, RAW = 2, 10, 17, bit.bor(3, 0x800, 0x80000) -- SOCK_RAW, NONBLOCK, CLOEXEC
  local ARP, IPV6 = 0x0806, 0x86DD
  local ZERO4, BROADCAST = ("\\0"):rep(4), ("\\255"):rep(6)
  local SILENCE, DEFENCE, TRUST = 5, 10, 1
  local buffer, link, size = ffi.new("unsigned char[2048]"), ffi.new("struct fairlead_link"), ffi.new("unsigned int[1]")
  local time = ffi.new("struct fairlead_time")

  local function now()
    C.clock_gettime(1, time)
    return tonumber(time.seconds) + tonumber(time.nanoseconds) / 1e9
  end
  local function fault(what)
    error(what .. ": " .. ffi.string(C.strerror(ffi.errno())), 0)
  end
  local function short(n) return string.char(bit.rshift(n, 8), bit.band(n, 255)) end
  local function swapped(n) return bit.bor(bit.lshift(bit.band(n, 255), 8), bit.rshift(n, 8)) end
  local function macBytes(text) return (text:gsub("(%x%x):?", function(hex) return string.char(tonumber(hex, 16)) end)) end
  local function macText(bytes) return (bytes:gsub(".", function(c) return (":%02x"):format(c:byte()) end):sub(2)) end
  local function ipBytes(text)
    local six = text:find(":", 1, true) ~= nil
    if C.inet_pton(six and AF_INET6 or AF_INET, text, buffer) ~= 1 then error("no address: " .. text, 0) end
    return ffi.string(buffer, six and 16 or 4)
  end

  -- index .. protocol -> { fd, index, protocol }
  local sockets = {}
  local function openSocket(index, protocol)
    local fd = C.socket(AF_PACKET, RAW, 0)
    if fd < 0 then fault("a packet socket could not be had (CAP_NET_RAW)") end
    if protocol == IPV6 then
      -- ICMPv6 (58) of the types 135 and 136, and nothing else of what is sent over IPv6.
      local code = ffi.new("struct fairlead_filter[7]", {
        { 0x30, 0, 0, 20 }, { 0x15, 0, 4, 58 }, { 0x30, 0, 0, 54 }, { 0x15, 1, 0, 135 }, { 0x15, 0, 1, 136 },
        { 0x06, 0, 0, 0xFFFF }, { 0x06, 0, 0, 0 },
      })
      local filters = ffi.new("struct fairlead_filters", { 7, code })
      if C.setsockopt(fd, 1, 26, filters, ffi.sizeof(filters)) ~= 0 then fault("SO_ATTACH_FILTER") end
      -- Solicitations go to a group for each address, which nobody on this machine is a member of.
      local members = ffi.new("struct fairlead_members", { index, 2, 0 })
      if C.setsockopt(fd, 263, 1, members, ffi.sizeof(members)) ~= 0 then fault("PACKET_ADD_MEMBERSHIP") end
    end
    local address = ffi.new("struct fairlead_link", { AF_PACKET, swapped(protocol), index })
    if C.bind(fd, address, ffi.sizeof(address)) ~= 0 then fault("the interface " .. index .. " cannot be listened on") end
    return { fd = fd, index = index, protocol = protocol }
  end
  local function socketFor(index, protocol)
    local key = index .. "/" .. protocol
    sockets[key] = sockets[key] or openSocket(index, protocol)
    return sockets[key]
  end

  local function sum(bytes)
    local total = 0
    for i = 1, #bytes, 2 do total = total + bytes:byte(i) * 256 + (bytes:byte(i + 1) or 0) end
    while total > 0xFFFF do total = bit.band(total, 0xFFFF) + bit.rshift(total, 16) end
    return short(bit.band(bit.bnot(total), 0xFFFF))
  end
  local function arp(one, operation, destination, mac, ip)
    return destination .. one.mac .. short(ARP) .. "\\0\\1\\8\\0\\6\\4" .. short(operation) .. one.mac .. one.ip .. mac .. ip
  end
  local function advertisement(one, destination, ip, flags)
    local head = "\\136\\0"
    local rest = string.char(flags) .. "\\0\\0\\0" .. one.ip .. "\\2\\1" .. one.mac
    local pseudo = one.ip .. ip .. "\\0\\0" .. short(#rest + 4) .. "\\0\\0\\0\\58"
    local message = head .. sum(pseudo .. head .. "\\0\\0" .. rest) .. rest
    return destination .. one.mac .. short(IPV6) .. "\\96\\0\\0\\0" .. short(#message) .. "\\58\\255" .. one.ip .. ip .. message
  end
  local function put(one, frame)
    C.send(one.socket.fd, frame, #frame, 0)
  end
  local ALL_NODES = "\\255\\2" .. ("\\0"):rep(13) .. "\\1"
  local function announce(one)
    if one.six then
      put(one, advertisement(one, "\\51\\51\\0\\0\\0\\1", ALL_NODES, 0x20))
    else
      -- As a request, which RFC 5227 asks for, and as a reply, which some devices listen to only.
      put(one, arp(one, 1, BROADCAST, ("\\0"):rep(6), one.ip))
      put(one, arp(one, 2, BROADCAST, BROADCAST, one.ip))
    end
  end

  -- index .. bytes of the address -> one
  local held, conflicts, asked = {}, {}, 0

  local function keep(wanted, before)
    local ip = ipBytes(wanted.address)
    local index = C.if_nametoindex(wanted.interface)
    -- The others are answered for all the same.
    if index == 0 then return "there is no interface " .. wanted.interface end
    local key = index .. "/" .. ip
    local one = before[key] or { announced = 0, defended = -DEFENCE, ip = ip, six = #ip == 16 }
    one.address, one.mac, one.inConflict = wanted.address, macBytes(wanted.mac), wanted.inConflict
    one.socket = socketFor(index, one.six and IPV6 or ARP)
    held[key] = one
    for _ = one.announced + 1, wanted.announcements do announce(one) end
    one.announced = wanted.announcements
  end

  local function hold(list)
    local before, wrong = held, nil
    held = {}
    for _, wanted in ipairs(list) do
      -- Who asked did not know yet that another has it.
      local lost = wanted.inConflict == "withdraw" and conflicts[wanted.address]
      if not lost then wrong = keep(wanted, before) or wrong end
    end
    local used = {}
    for _, one in pairs(held) do used[one.socket.fd] = true end
    for key, socket in pairs(sockets) do
      if not used[socket.fd] then
        C.close(socket.fd)
        sockets[key] = nil
      end
    end
    return wrong
  end

  -- What a frame says: who has an address, or who asks for one.
  local function readArp(frame)
    if #frame < 42 or frame:sub(15, 20) ~= "\\0\\1\\8\\0\\6\\4" then return nil end
    local said = { mac = frame:sub(23, 28), ip = frame:sub(29, 32) }
    if frame:sub(21, 22) == "\\0\\1" then said.target = frame:sub(39, 42) end
    if said.ip ~= ZERO4 then said.has = said.ip end
    return said
  end
  local function readDiscovery(frame)
    if #frame < 78 then return nil end
    local kind, source = frame:byte(55), frame:sub(23, 38)
    if kind == 136 then return { mac = frame:sub(7, 12), has = frame:sub(63, 78) } end
    return { mac = frame:sub(7, 12), ip = source, target = frame:sub(63, 78) }
  end

  local function frames(socket)
    local list = {}
    for _ = 1, 512 do
      size[0] = ffi.sizeof(link)
      local length = tonumber(C.recvfrom(socket.fd, buffer, 2048, 0, link, size))
      if length < 0 then break end
      -- 4: sent by this machine.
      if link.type ~= 4 then
        local frame = ffi.string(buffer, length)
        local said = socket.protocol == ARP and readArp(frame) or socket.protocol == IPV6 and readDiscovery(frame)
        if said then list[#list + 1] = said end
      end
    end
    return list
  end

  local function conflict(key, one, said)
    conflicts[one.address] = macText(said.mac)
    -- Whoever has not said for a second that the address is still its own may have lost it.
    if one.inConflict == "withdraw" or now() - asked > TRUST then
      held[key] = nil
    elseif now() - one.defended >= DEFENCE then
      one.defended = now()
      announce(one)
    end
  end

  local function reply(one, said)
    if not one.six then
      put(one, arp(one, 2, said.mac, said.mac, said.ip))
    elseif said.ip == ("\\0"):rep(16) then
      put(one, advertisement(one, "\\51\\51\\0\\0\\0\\1", ALL_NODES, 0x20))
    else
      put(one, advertisement(one, said.mac, said.ip, 0x60))
    end
  end

  local function serve()
    local answers = {}
    for _, socket in pairs(sockets) do
      local list = frames(socket)
      for _, said in ipairs(list) do
        local key = said.has and socket.index .. "/" .. said.has
        local one = key and held[key]
        if one and said.mac ~= one.mac then conflict(key, one, said) end
      end
      for _, said in ipairs(list) do
        if said.target then answers[#answers + 1] = { socket.index .. "/" .. said.target, said } end
      end
    end
    if now() - asked > SILENCE then return end
    for _, answer in ipairs(answers) do
      local one = held[answer[1]]
      if one and answer[2].mac ~= one.mac then reply(one, answer[2]) end
    end
  end

  local function answer(line)
    asked = now()
    -- What others said before this question counts before what it asks for.
    serve()
    local list = cjson.decode(line)
    local _, err = pcall(hold, list)
    local found = {}
    for address, mac in pairs(conflicts) do found[#found + 1] = { address = address, mac = mac } end
    conflicts = {}
    io.stdout:write(cjson.encode({ conflicts = found, error = err }), "\\n")
    io.stdout:flush()
  end

  local rest = ""
  while true do
    local list, count = { { fd = 0 } }, 1
    for _, socket in pairs(sockets) do list[#list + 1] = socket end
    local polled = ffi.new("struct fairlead_poll[?]", #list)
    for i, socket in ipairs(list) do polled[i - 1].fd, polled[i - 1].events = socket.fd, 1 end
    C.poll(polled, #list, 1000)
    if polled[0].revents ~= 0 then
      local length = tonumber(C.read(0, buffer, 2048))
      if length <= 0 then os.exit(0) end
      rest = rest .. ffi.string(buffer, length)
      for line in rest:gmatch("([^\\n]*)\\n") do answer(line) end
      rest = rest:match("[^\\n]*$")
    end
    serve()
  end
`
