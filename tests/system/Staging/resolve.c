// Asks the C library for a name's addresses and for the name of each, one a line. Compiled by musl-gcc: what Alpine's programs do.
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>

int main(int count, char **words)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
    int error = count == 2 ? getaddrinfo(words[1], NULL, &hints, &found) : EAI_NONAME;
    if (error != 0) {
        fprintf(stderr, "%s\n", gai_strerror(error));
        return 2;
    }
    for (; found != NULL; found = found->ai_next) {
        char address[INET6_ADDRSTRLEN], name[NI_MAXHOST] = "-";
        getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof address, NULL, 0, NI_NUMERICHOST);
        getnameinfo(found->ai_addr, found->ai_addrlen, name, sizeof name, NULL, 0, NI_NAMEREQD);
        printf("%s %s\n", address, name);
    }
    return 0;
}
