/** A certificate that nobody vouches for, of localhost and hooks.example.com: made for these tests alone, and good for a hundred years. */
export const SELF_SIGNED_CERT = `-----BEGIN CERTIFICATE-----
MIIBsDCCAVagAwIBAgIUVCtI0BhE6yo8RraF0IjDqJ6KpSEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODA4NTU0MloYDzIxMjYxMTA0
MDg1NTQyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQjaBC/71X7MeFyNrp5sctmzb9mhgBv09kk+umnBCZrai2NL/fgt1YR
W7FP8h2HiSwgFa7pk6NChq+E/i5aDrI1o4GDMIGAMB0GA1UdDgQWBBT/DYIbFmyw
dFiGNlVTrcHlMsD/ezAfBgNVHSMEGDAWgBT/DYIbFmywdFiGNlVTrcHlMsD/ezAP
BgNVHRMBAf8EBTADAQH/MC0GA1UdEQQmMCSCCWxvY2FsaG9zdIIRaG9va3MuZXhh
bXBsZS5jb22HBH8AAAEwCgYIKoZIzj0EAwIDSAAwRQIgFc+KwMNQ0pN/aSbU+EGa
5nEGjVpjzx7V4mf1niX1qGcCIQDSZ6+K6kEzBfy50eLb8zPKkKfo/avmHfxzuhKd
eYVA/g==
-----END CERTIFICATE-----`;

// gitleaks:allow: guards nothing
export const SELF_SIGNED_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZoaHArN+zzE9z6pg
rXd18uUWM93bglBYdhhQ9vkWnA2hRANCAAQjaBC/71X7MeFyNrp5sctmzb9mhgBv
09kk+umnBCZrai2NL/fgt1YRW7FP8h2HiSwgFa7pk6NChq+E/i5aDrI1
-----END PRIVATE KEY-----`;
