import type { devices as en } from "../en/devices";

export const devices: typeof en = {
  devices: "Thiết bị",
  thisDevice: "Thiết bị này",
  unverified: "Chưa liên kết",
  lastSeen: "Hoạt động {when}",
  neverSeen: "Chưa hoạt động",
  rename: "Đổi tên",
  revoke: "Đăng xuất thiết bị này",
  revokeConfirm:
    "“{name}” bị đăng xuất ngay và không nhận được gì nữa. Những gì nó đã có vẫn nằm ở đó cho đến khi được xoá. Nhập mật khẩu của bạn.",
};
