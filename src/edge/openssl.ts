import * as ffi from 'ffi'

/** Every function of OpenSSL that is called, declared once; pointers are untyped, since no structure is looked into. */
ffi.cdef(`
int RAND_bytes(unsigned char *buf, int num);
void *SSL_new(void *context);
void SSL_free(void *ssl);
void *SSL_get_SSL_CTX(const void *ssl);
int SSL_copy_session_id(void *to, const void *from);
void SSL_set_cert_cb(void *ssl, int (*callback)(void *ssl, void *arg), void *arg);
void SSL_certs_clear(void *ssl);
int SSL_use_certificate(void *ssl, void *x509);
int SSL_use_PrivateKey(void *ssl, void *key);
int SSL_set_session_id_context(void *ssl, const char *sid_ctx, unsigned int sid_ctx_len);
int SSL_set_cipher_list(void *ssl, const char *list);
uint64_t SSL_clear_options(void *ssl, uint64_t options);
long SSL_ctrl(void *ssl, int cmd, long larg, void *parg);
void SSL_set_client_CA_list(void *ssl, void *names);
void *SSL_dup_CA_list(const void *names);
void *SSL_get1_peer_certificate(const void *ssl);
void *SSL_get_peer_cert_chain(const void *ssl);
int SSL_get_security_level(const void *ssl);
void *BIO_new_mem_buf(const void *bytes, int length);
int BIO_free(void *bio);
void ERR_clear_error(void);
void *PEM_read_bio_X509(void *bio, void **x509, void *ask, void *data);
void *PEM_read_bio_X509_CRL(void *bio, void **crl, void *ask, void *data);
void X509_free(void *x509);
void X509_CRL_free(void *crl);
void *X509_NAME_dup(const void *name);
void X509_NAME_free(void *name);
void *X509_get_subject_name(const void *x509);
void *X509_STORE_new(void);
void X509_STORE_free(void *store);
int X509_STORE_add_cert(void *store, void *x509);
int X509_STORE_add_crl(void *store, void *crl);
int X509_STORE_set_flags(void *store, unsigned long flags);
void *X509_STORE_CTX_new(void);
void X509_STORE_CTX_free(void *context);
int X509_STORE_CTX_init(void *context, void *store, void *x509, void *chain);
int X509_STORE_CTX_set_default(void *context, const char *purpose);
void *X509_STORE_CTX_get0_param(const void *context);
int X509_STORE_CTX_get_error(const void *context);
void X509_VERIFY_PARAM_set_depth(void *parameters, int depth);
void X509_VERIFY_PARAM_set_auth_level(void *parameters, int level);
int X509_verify_cert(void *context);
const char *X509_verify_cert_error_string(long error);
void *OPENSSL_sk_new_null(void);
int OPENSSL_sk_num(const void *stack);
void *OPENSSL_sk_value(const void *stack, int index);
int OPENSSL_sk_push(void *stack, const void *item);
void OPENSSL_sk_pop_free(void *stack, void (*release)(void *));
`)

export const openssl: OpenSsl = ffi.C
