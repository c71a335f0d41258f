//! What a runtime driver needs of `tenon/plugin.h`, major 1, laid out as C does it.

use std::os::raw::{c_char, c_void};

pub const MAGIC: u32 = 0x314E_4E54;
pub const MAJOR: u16 = 1;
pub const MINOR: u16 = 1;
pub const DOCUMENT_MAX_BYTES: usize = 1 << 20;
pub const DOCUMENT_MAX_DEPTH: usize = 64;

pub const OK: i32 = 0;
pub const INVALID: i32 = 1;
pub const UNSUPPORTED: i32 = 2;
pub const UNAVAILABLE: i32 = 3;
pub const CANCELLED: i32 = 4;
pub const INTERNAL: i32 = 6;

/// UTF-8, not terminated; `ptr` may be null where `len` is 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    pub ptr: *const u8,
    pub len: u64,
}

impl Str {
    pub fn of(bytes: &[u8]) -> Str {
        Str { ptr: bytes.as_ptr(), len: bytes.len() as u64 }
    }

    /// # Safety
    /// What it points to must outlive the answer; the host's lives until the call returns.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.ptr.is_null() {
            return &[];
        }
        std::slice::from_raw_parts(self.ptr, self.len as usize)
    }
}

/// Where a call puts its answers.
#[repr(C)]
pub struct Sink {
    pub struct_size: u32,
    pub reserved0: u32,
    pub ctx: *mut c_void,
    pub document: unsafe extern "C" fn(*mut c_void, Str) -> i32,
    pub problem: unsafe extern "C" fn(*mut c_void, i32, Str),
}

pub type Op = unsafe extern "C" fn(*mut c_void, Str, *const Sink) -> i32;

#[repr(C)]
pub struct Driver {
    pub struct_size: u32,
    pub reserved0: u32,
    pub fingerprint: Op,
    pub plan: Op,
}

#[repr(C)]
pub struct Entry {
    pub magic: u32,
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor_built: u16,
    pub abi_minor_min: u16,
    pub reserved0: u16,
    pub open: unsafe extern "C" fn(*const c_void, *mut *mut c_void) -> i32,
    pub extension: unsafe extern "C" fn(*mut c_void, *const c_char) -> *const c_void,
    pub close: unsafe extern "C" fn(*mut c_void),
}

// As tests/sdk/layout has it for C, where pointers have 8 bytes.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(
    std::mem::size_of::<Str>() == 16
        && std::mem::size_of::<Sink>() == 32
        && std::mem::size_of::<Driver>() == 24
        && std::mem::size_of::<Entry>() == 40
);
