module goroutine-mutex

go 1.19
