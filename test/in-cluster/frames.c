/* Prints the ARP and ICMPv6 frames that an interface sees, one a line, as hexadecimal digits; until it is ended. */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(int count, char **words) {
  unsigned char frame[2048];
  struct sockaddr_ll link;
  int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  if (fd < 0 || count != 2) {
    perror("frames INTERFACE");
    return 1;
  }
  memset(&link, 0, sizeof link);
  link.sll_family = AF_PACKET;
  link.sll_protocol = htons(ETH_P_ALL);
  link.sll_ifindex = (int)if_nametoindex(words[1]);
  struct packet_mreq all = {link.sll_ifindex, PACKET_MR_PROMISC, 0, {0}};
  if (bind(fd, (struct sockaddr *)&link, sizeof link) != 0 ||
      setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) != 0) {
    perror(words[1]);
    return 1;
  }
  puts("ready");
  fflush(stdout);
  for (;;) {
    ssize_t length = recv(fd, frame, sizeof frame, 0);
    if (length < 42) continue;
    int arp = frame[12] == 8 && frame[13] == 6;
    int icmp = frame[12] == 0x86 && frame[13] == 0xdd && frame[20] == 58;
    if (!arp && !icmp) continue;
    for (ssize_t i = 0; i < length; i += 1) printf("%02x", frame[i]);
    puts("");
    fflush(stdout);
  }
}
