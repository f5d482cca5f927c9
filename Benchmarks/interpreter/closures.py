def counter(step):
    count = 0
    def next(scale, offset=1):
        nonlocal count
        count += step * scale + offset
        return count
    return next

def twice(f, x):
    return f(f(x))

def work(count):
    next = counter(2)
    sum = 0
    for i in range(count):
        double = lambda x: x * 2 + i
        sum += twice(double, 1) + next(1) + next(2, offset=3)
    return sum

print(work(300_000))
