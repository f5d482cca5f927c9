def primes(limit):
    is_prime = [1] * (limit + 1)
    found = 0
    i = 2
    while i <= limit:
        if is_prime[i] == 1:
            found += 1
            j = i * i
            while j <= limit:
                is_prime[j] = 0
                j += i
        i += 1
    return found

print(primes(500_000))
